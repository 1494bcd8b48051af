import type { Chat, Message, RoomRef, UserRef } from '../../core/index.ts'
import { type PartNames, withPartNamed } from '../../server/index.ts'

/** Posts to a room, which the sender joins first if they may. @throws ChatError as `joinAndPost`, with the contract's names of parts */
export async function postText(
  chat: Chat,
  user: UserRef,
  room: RoomRef,
  text: { readonly body: string; readonly kind: string },
  names: PartNames,
): Promise<Message> {
  try {
    return await chat.messages.joinAndPost(room, user, { ...text, clientId: null, replyTo: null })
  } catch (error) {
    throw withPartNamed(error, names)
  }
}
