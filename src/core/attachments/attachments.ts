import { requireAllowed } from '../access.ts'
import { ChatError } from '../errors.ts'
import type { Attachment, AttachmentId, RoomId, UserId } from '../model.ts'
import type {
  AttachmentRegister,
  Clock,
  Contents,
  Examiner,
  ReceivedFile,
  RoomRegister,
  Showing,
  Signer,
  StoredAttachment,
  StoredContent,
  TemporaryFiles,
  UploadAllowance,
  UploadLimits,
} from '../ports.ts'
import { accessFactsIn } from '../rooms/index.ts'
import { requireVoice } from '../voice.ts'
import { MOST_URLS } from './bounds.ts'
import { DatabaseTime } from './database-time.ts'
import { createFileLinks, type SealedLink } from './file-links.ts'
import { fileNameOf } from './file-name.ts'
import { isAllowedType } from './media-types.ts'
import { createOwnUploads } from './own-uploads.ts'
import { createSweeps } from './sweeps.ts'
import { UploadsUnderWay } from './under-way.ts'

export interface AttachmentsDeps {
  readonly store: AttachmentRegister & Pick<RoomRegister, 'accessFacts'>
  readonly contents: Contents
  readonly temporary: TemporaryFiles
  readonly examiner: Examiner
  readonly signer: Signer
  readonly clock: Clock
  /** Returns random text, in characters that file systems and URLs take. */
  readonly newKey: () => string
}

export interface AttachmentsOptions extends UploadLimits {
  /** The most bytes of one file. */
  readonly maxBytes: number
  /** The media types that are accepted; empty for all. */
  readonly types: readonly string[]
  /** How long a link to a file counts at least. */
  readonly linkSeconds: number
  /** Something failed that nobody waits for. */
  readonly onFault: (error: unknown) => void
}

/** An attachment with the links to its bytes, for one user. */
export interface LinkedAttachment {
  readonly attachment: Attachment
  readonly original: SealedLink
  readonly thumbnail: SealedLink | null
}

/** The bytes that a link leads to, and how they are to be shown. */
export interface OpenedFile {
  readonly stored: StoredContent
  readonly showing: Showing
}

export type Attachments = ReturnType<typeof createAttachments>

/** Files that members upload to rooms, before and after a message is sent with them. */
export function createAttachments(deps: AttachmentsDeps, options: AttachmentsOptions) {
  const { store, contents, temporary, examiner, signer, clock, newKey } = deps
  const time = new DatabaseTime(store, clock)
  const links = createFileLinks(signer, options.linkSeconds)
  const sweeps = createSweeps({ store, contents, clock, onFault: options.onFault })
  const underWay = new UploadsUnderWay()

  async function withLinks(found: readonly StoredAttachment[], user: UserId): Promise<LinkedAttachment[]> {
    const now = await time.seconds()
    return found.map((stored) => {
      const { key: _, ...attachment } = stored
      return { attachment, ...links.to(stored, user, now) }
    })
  }

  /** @throws ChatError `hidden`, `not_found`, `forbidden` */
  async function expectSender(room: RoomId, user: UserId): Promise<void> {
    const access = await accessFactsIn(store, { id: room }, user)
    requireAllowed('send', access)
    requireVoice(access)
  }

  /** @returns the most bytes that the file may have */
  async function expectAllowance(user: UserId, declared: number | null): Promise<number> {
    if (declared !== null && declared > options.maxBytes) throw tooLarge(options.maxBytes)
    const allowance = await store.uploadAllowance(user, options)
    if (allowance.left <= 0 || (declared !== null && declared > allowance.left)) throw used(allowance)
    return Math.min(options.maxBytes, allowance.left)
  }

  /** Looks into a file that has arrived, stores it, and makes it ready to be sent. */
  async function keep(room: RoomId, user: UserId, file: ReceivedFile): Promise<LinkedAttachment> {
    const examined = await examiner.examine(file)
    const { type, width, height, placeholder, thumbnail } = examined
    try {
      if (!isAllowedType(type, options.types)) {
        throw new ChatError('invalid', `file: is ${type}, which is not accepted here`, { field: 'file' })
      }
      const key = newKey()
      const facts = { name: fileNameOf(file.name), type, size: file.size, width, height, placeholder }
      const attachment = { ...facts, hasThumbnail: thumbnail !== null }
      // The row first: bytes without a row would belong to nobody.
      const added = await store.addAttachment({ room, uploader: user, key, ...attachment }, options)
      if (typeof added !== 'number') throw used(added)
      await contents.put(key, file.path, thumbnail, type)
      const isKept = await store.storedAttachment(added)
      const [linked] = isKept ? await withLinks([{ id: added, key, ...attachment }], user) : []
      if (linked === undefined) throw new ChatError('unavailable', 'The upload took too long, try again')
      return linked
    } finally {
      if (thumbnail !== null) await temporary.discard([thumbnail])
    }
  }

  return {
    /**
     * Uploads a file to a room. Nobody else sees it until a message is sent with it, within an hour.
     * @param declared the bytes that the client says it sends; null if it says nothing
     * @param receive takes the file in, of at most so many bytes. Called only if the user may send to the room and has room for it
     * @throws ChatError `hidden`, `not_found`, `forbidden`, `too_large`, `rate_limited`, `overloaded`, `invalid`, `unavailable`; what `receive` throws
     */
    async upload(
      room: RoomId,
      user: UserId,
      declared: number | null,
      receive: (mostBytes: number) => Promise<ReceivedFile>,
    ): Promise<LinkedAttachment> {
      const end = underWay.begin(user)
      let path: string | null = null
      try {
        await expectSender(room, user)
        const file = await receive(await expectAllowance(user, declared))
        path = file.path
        return await keep(room, user, file)
      } finally {
        end()
        if (path !== null) await temporary.discard([path])
      }
    },

    /**
     * Returns the attachments with links to them, those that the user may see: of messages in the room, and their own uploads to it.
     * @throws ChatError `hidden`, `not_found`, `forbidden`, `invalid` for too many ids
     */
    async linked(room: RoomId, user: UserId, ids: readonly AttachmentId[]): Promise<LinkedAttachment[]> {
      if (ids.length > MOST_URLS) {
        throw new ChatError('invalid', `ids: must be at most ${MOST_URLS}`, { field: 'ids' })
      }
      requireAllowed('read', await accessFactsIn(store, { id: room }, user))
      return withLinks(await store.attachments(room, user, ids), user)
    },

    /** @throws ChatError `forbidden` for a wrong or expired link, `not_found` if the bytes are gone, `unavailable` */
    async open(link: SealedLink): Promise<OpenedFile> {
      const showing = links.check(link, await time.seconds())
      const stored = await contents.find(link.key, link.variant, showing)
      if (stored === null) throw new ChatError('not_found', 'The file is no longer there')
      return { stored, showing }
    },

    ...createOwnUploads({ incoming: contents.incoming, signer, time, newKey, expectSender, expectAllowance }),

    /** The bytes of messages that were deleted just now are removed soon, rather than at the next `tend`. */
    removeSoon: sweeps.removeSoon,

    /**
     * Removes what has lapsed or ended, and bytes without rows: a bounded piece of work, to be repeated every minute.
     * @throws ChatError `unavailable`
     */
    tend: sweeps.sweep,
  }
}

function tooLarge(mostBytes: number): ChatError {
  return new ChatError('too_large', `The file must have at most ${mostBytes} bytes`)
}

function used({ left, waitMs }: UploadAllowance): ChatError {
  if (waitMs > 0) {
    return new ChatError('rate_limited', 'You have uploaded too much in the last hour, try again later', {
      retryAfterMs: waitMs,
    })
  }
  return new ChatError(
    'too_large',
    `Your attachments may take ${left} more bytes. Delete messages with attachments to make room`,
  )
}
