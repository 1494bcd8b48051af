import {
  type FollowedRoom,
  isCallersFault,
  type NewMessage,
  type RoomId,
  type SendReply,
  type UserRef,
} from '../../core/index.ts'
import type { PartNames } from '../part-names.ts'
import type { Connection } from './connection.ts'
import { errorText } from './error-text.ts'
import { type Backfill, CLOSE_NOT_ALLOWED, type LiveRoom, type RoomTransport } from './live-room.ts'
import type { Session } from './session.ts'

/** How the sockets of one contract talk, each in one room. */
export interface TextContract {
  /** What a user's frame says, or why it says nothing, in words for the client. */
  parse(frame: string, user: UserRef): NewMessage | string
  errorFrame(text: string): string
  readonly names: PartNames
}

/**
 * A socket in one room whose clients send texts and see what is said as everyone does, so that only refusals are answered.
 * A bad frame is answered with an error, and the socket stays open.
 */
export class TextSession implements Session, SendReply {
  readonly #server: RoomTransport
  readonly #connection: Connection
  readonly #contract: TextContract
  readonly #room: RoomId
  readonly #live: LiveRoom
  /** Until it is opened. */
  #backfill: ((room: FollowedRoom) => Promise<Backfill>) | null

  constructor(
    server: RoomTransport,
    connection: Connection,
    contract: TextContract,
    room: RoomId,
    live: LiveRoom,
    backfill: (room: FollowedRoom) => Promise<Backfill>,
  ) {
    this.#server = server
    this.#connection = connection
    this.#contract = contract
    this.#room = room
    this.#live = live
    this.#backfill = backfill
  }

  opened(): void {
    const backfill = this.#backfill
    this.#backfill = null
    if (backfill !== null) this.#live.start(backfill)
  }

  text(frame: string): void {
    const { chat } = this.#server
    const { user } = this.#connection
    const said = this.#contract.parse(frame, user)
    if (typeof said === 'string') {
      this.#refuse(said)
      return
    }
    // It is told itself what becomes of each: no reply is made for a message.
    chat.messages.send(this.#room, user, said, this, undefined)
  }

  binary(): void {
    this.#refuse('Frames must be text')
  }

  closed(): void {
    this.#live.stop()
  }

  removedFrom(gone: RoomId): void {
    if (gone === this.#room) this.#connection.close(CLOSE_NOT_ALLOWED, 'no longer a member of this room')
  }

  /** It comes back to them as to everyone. */
  sent(): undefined {
    return undefined
  }

  rejected(error: Error): void {
    const text = errorText(error, this.#contract.names, this.#server.log)
    if (isCallersFault(error)) this.#refuse(text)
    else this.#connection.send(this.#contract.errorFrame(text))
  }

  #refuse(text: string): void {
    this.#connection.refuse(this.#contract.errorFrame(text))
  }
}
