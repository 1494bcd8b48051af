import { join, resolve } from 'node:path'
import type { Config } from '../../config.ts'
import type { Contents, CoreFiles, Store } from '../../core/index.ts'
import {
  createExaminer,
  createSigner,
  newKey,
  openBucket,
  openFolder,
  openTemporary,
  type Temporary,
} from '../../files/index.ts'
import type { Logger } from '../../server/index.ts'

export interface OpenFiles {
  /** What the core needs of files. */
  readonly parts: CoreFiles
  /** How uploads are received. */
  readonly uploads: {
    readonly idleMs: number
    readonly deadlineMs: number
    readonly newPath: () => Promise<string>
  }
}

/** Milliseconds within which a file must have arrived, however large. */
const UPLOAD_MS = 600_000
/** Looking into one file takes less than a second, for the largest images that are accepted by default. */
const EXAMINE = { deadlineMs: 10_000, atOnce: 2, waiting: 64 }

/** Opens the storage of attachments' bytes. Nothing is written before the first upload. @throws ChatError `unavailable` */
export async function openFileStorage(config: Config, store: Store, log: Logger): Promise<OpenFiles> {
  const { attachments, dataDir, limits, redis } = config
  const folder = resolve(attachments.dir ?? join(dataDir, 'attachments'))
  const temporary = openTemporary(join(folder, 'tmp'))
  const signer = createSigner(await store.sharedSecret('file links', newKey()))
  if (attachments.s3.bucket === undefined && attachments.dir === undefined && redis.url !== undefined) {
    log.warn(
      { folder },
      'attachments are kept in a folder of this node: other nodes cannot read them unless they share it; set ATTACHMENTS_DIR or ATTACHMENTS_S3_BUCKET',
    )
  }
  return {
    parts: {
      contents: await openContents(config, store, folder, temporary, log),
      temporary,
      examiner: createExaminer({ maxPixels: attachments.maxPixels, ...EXAMINE }),
      signer,
      newKey,
    },
    uploads: { idleMs: limits.bodyDeadlineMs, deadlineMs: UPLOAD_MS, newPath: temporary.newPath },
  }
}

async function openContents(
  { attachments: { s3 } }: Config,
  store: Store,
  folder: string,
  temporary: Temporary,
  log: Logger,
): Promise<Contents> {
  const { bucket } = s3
  if (bucket !== undefined) return openBucket({ ...s3, bucket }, temporary)
  const opened = await openFolder(folder, await store.sharedSecret('installation', newKey()), temporary)
  if (opened.isForeign) {
    log.warn(
      { folder },
      'the folder of attachments belongs to another database: nothing unknown is removed from it',
    )
  }
  return opened
}
