import type { RoomId, SendReply } from '../../core/index.ts'
import type { Connection, Server, Session } from '../../server/index.ts'
import { errorText, type PartNames } from './error-text.ts'
import { type Backfill, CLOSE_NOT_ALLOWED, type LiveRoom } from './live-room.ts'

/** What a contract's socket of one room has of its own. */
export interface TextSessionParts {
  readonly room: RoomId
  readonly live: LiveRoom
  backfill(): Promise<Backfill>
  /** What a frame says, or why it says nothing, in words for the client. */
  parse(frame: string): { readonly body: string; readonly kind: string } | string
  errorFrame(text: string): string
  readonly names: PartNames
}

/**
 * A socket in one room whose clients send texts and see what is said as everyone does, so that only refusals are answered.
 * A bad frame is answered with an error, and the socket stays open.
 */
export function textSession(server: Server, connection: Connection, parts: TextSessionParts): Session {
  const { chat } = server
  const { user } = connection
  const { room, live, names } = parts
  const refuse = (text: string) => connection.send(parts.errorFrame(text))
  // One for all sends: nothing is made per message but its draft.
  const reply: SendReply = {
    sent: () => undefined,
    refused: (error) => refuse(errorText(error, names, server.log)),
  }

  return {
    opened() {
      live.start(() => parts.backfill())
    },

    text(frame) {
      const said = parts.parse(frame)
      if (typeof said === 'string') {
        refuse(said)
        return
      }
      const wait = chat.budget.take(user.id)
      if (wait > 0) {
        refuse(`Too many messages, try again in ${wait} ms`)
        return
      }
      const { body, kind } = said
      const clientId = chat.messages.key()
      chat.messages.send({ roomId: room, sender: user, clientId, kind, body, replyTo: null }, reply)
    },

    binary() {
      refuse('Frames must be text')
    },

    closed() {
      live.stop()
    },

    removedFrom(gone) {
      if (gone === room) connection.close(CLOSE_NOT_ALLOWED, 'no longer a member of this room')
    },
  }
}
