import { type Chat, ChatError, type Message, type RoomRef, type UserRef } from '../../core/index.ts'
import type { PartNames } from '../../server/index.ts'

/**
 * Sends over REST: the sender's budget, then the text, then the room, which is joined where the sender may.
 * @throws ChatError `rate_limited`, `invalid`, and as joining and sending do
 */
export async function sendAs(
  chat: Chat,
  user: UserRef,
  room: RoomRef,
  text: { readonly body: string; readonly kind: string },
  names: PartNames,
): Promise<Message> {
  const wait = chat.budget.take(user.id)
  if (wait > 0)
    throw new ChatError('rate_limited', 'Too many messages, try again later', { retryAfterMs: wait })
  const problem = chat.messages.problem(text.body, text.kind)
  if (problem !== null) {
    const field = problem.part === 'kind' ? names.kind : names.body
    throw new ChatError('invalid', `${field} ${problem.text}`, { field })
  }
  const standing = await chat.membership.join(room, user)
  return chat.messages.post({
    roomId: standing.room.id,
    sender: { id: user.id, username: user.username },
    clientId: chat.messages.key(),
    kind: text.kind,
    body: text.body,
    replyTo: null,
  })
}
