import { ChatError } from '../errors.ts'
import { isId, type RoomId, type UserId } from '../model.ts'
import type { Incoming, ReceivedFile, Signer } from '../ports.ts'
import type { DatabaseTime } from './database-time.ts'

/** Seconds within which the client must have uploaded. */
const UPLOAD_SECONDS = 900

export interface OwnUploadsDeps {
  readonly incoming: Incoming | null
  readonly signer: Signer
  readonly time: DatabaseTime
  readonly newKey: () => string
  readonly expectSender: (room: RoomId, user: UserId) => Promise<void>
  readonly expectAllowance: (user: UserId, declared: number | null) => Promise<number>
}

/** Where a client may upload a file to by itself. */
export interface UploadPlace {
  /** Names the upload when it is complete. Sealed: it says who may complete it, in which room and until when. */
  readonly upload: string
  /** For one `PUT`. */
  readonly url: string
  readonly expires: Date
}

/**
 * Uploads that go from the client to the storage, and not through this server. They come to rest in a place that nothing is served
 * from. Once complete, the server reads the file from there, looks into it, and stores it as it stores any other: what a client does with
 * the URL afterwards changes nothing.
 */
export function createOwnUploads(deps: OwnUploadsDeps) {
  const { incoming, signer, time, newKey, expectSender, expectAllowance } = deps

  function expectIncoming(): Incoming {
    if (incoming === null)
      throw new ChatError('conflict', 'This server takes uploads itself: post the file to it')
    return incoming
  }

  return {
    /**
     * Returns where the user may upload a file for the room.
     * @throws ChatError `conflict` if the storage has no such place, and as `upload` does before it receives
     */
    async place(
      room: RoomId,
      user: UserId,
      file: { readonly name: string; readonly size: number },
    ): Promise<UploadPlace> {
      await expectSender(room, user)
      const to = expectIncoming()
      await expectAllowance(user, file.size)
      const key = newKey()
      const until = (await time.seconds()) + UPLOAD_SECONDS
      const facts = ['upload', key, room, user, file.size, until, file.name].join('\n')
      const upload = `${encodeURIComponent(facts)}.${signer.sign(facts)}`
      return { upload, url: to.url(key, UPLOAD_SECONDS), expires: new Date(until * 1000) }
    },

    /**
     * Returns what receives the file that was uploaded to a place, for `upload`, and its declared size.
     * @throws ChatError `invalid` if `text` is not the upload of the user and the room, `conflict`, and as `place` does for the room
     */
    async placed(room: RoomId, user: UserId, text: string) {
      await expectSender(room, user)
      const from = expectIncoming()
      const { key, size, name } = opened(room, user, text, await time.seconds())
      return {
        size,
        async receive(mostBytes: number): Promise<ReceivedFile> {
          const file = await from.fetch(key, Math.min(size, mostBytes))
          if (file === null)
            throw new ChatError('conflict', 'Nothing was uploaded, or the upload is complete already')
          return { ...file, name }
        },
        /** Removes what was uploaded. */
        done: () => from.remove(key),
      }
    },
  }

  function opened(room: RoomId, user: UserId, text: string, now: number) {
    const at = text.lastIndexOf('.')
    const facts = decoded(text.slice(0, at))
    const [kind, key = '', forRoom, ofUser, size, until, name = ''] = facts.split('\n')
    const isOwn =
      kind === 'upload' && Number(forRoom) === room && Number(ofUser) === user && isId(Number(size))
    if (!signer.verify(facts, text.slice(at + 1)) || !isOwn || Number(until) < now) {
      throw new ChatError('invalid', 'upload: is none of yours in this room, or has expired', {
        field: 'upload',
      })
    }
    return { key, size: Number(size), name }
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return ''
  }
}
