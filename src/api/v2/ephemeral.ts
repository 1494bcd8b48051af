import { type Chat, jsonText, type RoomId, type UserRef } from '../../core/index.ts'
import { withPartNamed } from '../../server/index.ts'
import { idIn } from './ids.ts'
import type * as wire from './wire/index.ts'

/** Sends a message to one member that is not stored. @throws ChatError under the names that the fields have in v2 */
export async function tellMember(
  chat: Chat,
  room: RoomId,
  sender: UserRef,
  { user, body, kind, metadata }: wire.NewEphemeral,
): Promise<wire.Told> {
  const details = metadata === undefined ? null : { metadata: jsonText(metadata) }
  const said = { to: idIn('user', user), body, kind: kind ?? 'text', details }
  try {
    return { room, user, online: await chat.messages.tell(room, sender, said) }
  } catch (error) {
    throw withPartNamed(error, parts)
  }
}

const parts = { body: 'body', kind: 'kind', metadata: 'metadata', to: 'user' }
