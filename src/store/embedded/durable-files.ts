import { fdatasyncSync, fsyncSync } from 'node:fs'
import { NodeFS } from '@electric-sql/pglite/nodefs'

/**
 * Keeps PGlite's files in a folder, and passes Postgres's fsync on to the disk. PGlite turns fsync off and ignores the calls, so an
 * acknowledged commit would survive the end of the process, but not that of the machine.
 */
export class DurableFiles extends NodeFS {
  override async init(...args: Parameters<NodeFS['init']>): ReturnType<NodeFS['init']> {
    const { emscriptenOpts } = await super.init(...args)
    return { emscriptenOpts: { ...emscriptenOpts, preRun: [...(emscriptenOpts.preRun ?? []), addFsync] } }
  }
}

/** Settings for the engine's start: of the ways to sync the log, `fsync` is the one that is passed on. */
export const fsyncSettings = ['fsync=on', 'wal_sync_method=fsync']

function addFsync(engine: { readonly NODEFS: object }): void {
  if (!('stream_ops' in engine.NODEFS) || !isObject(engine.NODEFS.stream_ops)) {
    throw new Error("PGlite's file layer has changed: fsync cannot be added to it")
  }
  Object.assign(engine.NODEFS.stream_ops, { fsync })
}

/** Called by the engine with its own open file. Returns a WASI error number, 0 for success; on an error Postgres panics, as it must. */
function fsync({ nfd, node }: OpenFile): number {
  try {
    if ((node.mode & FILE_TYPE) === DIRECTORY) fsyncSync(nfd)
    else fdatasyncSync(nfd)
    return 0
  } catch (error) {
    // Some file systems cannot sync a folder: Postgres expects this error and goes on.
    return isObject(error) && 'code' in error && error.code === 'EINVAL' ? EINVAL : EIO
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

const FILE_TYPE = 0o170000
const DIRECTORY = 0o040000
const EINVAL = 28
const EIO = 29

interface OpenFile {
  readonly nfd: number
  readonly node: { readonly mode: number }
}
