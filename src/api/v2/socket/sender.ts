import { type Chat, ChatError, type RoomId, type UserRef } from '../../../core/index.ts'
import type { Connection } from '../../../server/index.ts'
import type { ClientFrame, RequestId } from '../wire/index.ts'
import { type Answers, SendAnswer, withPartNamed } from './answers.ts'
import { checkedId, checkedSeq, tooMany } from './checked.ts'
import type { Subscriptions } from './subscriptions.ts'

/** Sends, synchronously up to the queue: nothing is made for a message but its draft and its answer. */
export function createSender(
  chat: Chat,
  connection: Connection,
  answers: Answers,
  subscriptions: Subscriptions,
) {
  const remaining = () => chat.budget.left(connection.user.id)

  /** Whoever may not know of the room hears that there is none. */
  function refuse(id: RequestId | undefined, room: RoomId, user: UserRef, error: Error): void {
    if (!(error instanceof ChatError && error.kind === 'forbidden')) {
      answers.refuse(id, withPartNamed(error))
      return
    }
    chat.rooms.visible({ id: room }, user.id).then(
      () => answers.refuse(id, error),
      (hidden: unknown) => answers.refuse(id, hidden),
    )
  }

  return (request: Extract<ClientFrame, { type: 'send' }>): void => {
    const { id, body, kind, client_id, reply_to } = request
    const { user } = connection
    const roomId = checkedId(request.room)
    const replyTo = reply_to === undefined ? null : checkedSeq(reply_to)
    const wait = chat.budget.take(user.id)
    if (wait > 0) throw tooMany('messages', wait)
    subscriptions.get(roomId)?.typing.stop()
    const clientId = client_id ?? chat.messages.key()
    chat.messages.send(
      { roomId, sender: user, clientId, kind: kind ?? 'text', body, replyTo },
      new SendAnswer(answers, id, remaining, (error) => refuse(id, roomId, user, error)),
    )
  }
}
