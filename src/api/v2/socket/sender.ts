import { ChatError, type Message, type RoomId, type SendReply } from '../../../core/index.ts'
import { isoTime } from '../../shared/index.ts'
import type { ClientFrame, RequestId } from '../wire/index.ts'
import { checkedId, checkedSeq, tooMany } from './checked.ts'
import type { Peer } from './peer.ts'
import type { Subscriptions } from './subscriptions.ts'

type SendFrame = Extract<ClientFrame, { type: 'send' }>

/** Sends, synchronously up to the queue: nothing is made for a message but its draft and its answer. */
export function send(peer: Peer, subscriptions: Subscriptions, request: SendFrame): void {
  const { id, body, kind, client_id, reply_to } = request
  const { chat } = peer.server
  const { user } = peer.connection
  const roomId = checkedId(request.room)
  const replyTo = reply_to === undefined ? null : checkedSeq(reply_to)
  const wait = chat.budget.take(user.id)
  if (wait > 0) throw tooMany('messages', wait)
  subscriptions.get(roomId)?.type(false)
  const clientId = client_id ?? chat.messages.key()
  chat.messages.send(
    { roomId, sender: user, clientId, kind: kind ?? 'text', body, replyTo },
    new SendAnswer(peer, id, roomId),
  )
}

/** What is wrong with a part of a message, by the part's name in the request. */
export function withPartNamed(error: unknown): unknown {
  if (!(error instanceof ChatError) || error.kind !== 'invalid') return error
  const field = error.field === 'key' ? 'client_id' : (error.field ?? 'body')
  return new ChatError('invalid', `${field} ${error.message}`, { field })
}

/** Told what became of one send. One is made for each, since the answer carries the request's id. */
class SendAnswer implements SendReply {
  readonly #peer: Peer
  readonly #id: RequestId | undefined
  readonly #room: RoomId

  constructor(peer: Peer, id: RequestId | undefined, room: RoomId) {
    this.#peer = peer
    this.#id = id
    this.#room = room
  }

  sent(message: Message): void {
    if (this.#id === undefined) return
    const { server, connection } = this.#peer
    const { roomId, seq, id, clientId, createdAt } = message
    const data = { room: roomId, seq, message: id, client_id: clientId, created_at: isoTime(createdAt) }
    this.#peer.sent(this.#id, data, server.chat.budget.left(connection.user.id))
  }

  /** Whoever may not know of the room hears that there is none. */
  refused(error: Error): void {
    if (!(error instanceof ChatError && error.kind === 'forbidden')) {
      this.#peer.refuse(this.#id, withPartNamed(error))
      return
    }
    const { server, connection } = this.#peer
    server.chat.rooms.visible({ id: this.#room }, connection.user.id).then(
      () => this.#peer.refuse(this.#id, error),
      (hidden: unknown) => this.#peer.refuse(this.#id, hidden),
    )
  }
}
