import type { Chat, Message, RoomRef, UserRef } from '../../core/index.ts'
import { type PartNames, withPartNamed } from '../../server/index.ts'

/**
 * Sends a message to a room, which the sender first joins if allowed.
 * @throws ChatError as `joinAndPost` does, with the contract's names of fields
 */
export async function postText(
  chat: Chat,
  user: UserRef,
  room: RoomRef,
  text: { readonly body: string; readonly kind: string },
  names: PartNames,
): Promise<Message> {
  try {
    return await chat.messages.joinAndPost(room, user, {
      ...text,
      clientId: null,
      replyTo: null,
      details: null,
    })
  } catch (error) {
    throw withPartNamed(error, names)
  }
}
