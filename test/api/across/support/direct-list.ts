import { Type as t } from '@sinclair/typebox'
import { ask, expectAnswer } from '../../support/rest.ts'
import type { Person, ServerUrls } from './people.ts'

const exact = { additionalProperties: false }
const User = t.Object({ id: t.Integer(), username: t.String() }, exact)
const Time = t.String({ pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z$' })

/** A direct chat as document 3 shows it, exactly. */
export const ChatShape = t.Object(
  {
    id: t.Integer(),
    participants: t.Tuple([User, User]),
    other_user: User,
    created: Time,
    last_message: t.Union([
      t.Object({ body: t.String(), created: Time, sender: t.String() }, exact),
      t.Null(),
    ]),
    unread_count: t.Integer({ minimum: 0 }),
  },
  exact,
)

/** The person's direct chats, as they are listed. */
export async function readChats(server: ServerUrls, { token }: Person) {
  return expectAnswer(await ask('GET', `${server.url}/api/chats/`, { token }), 200, t.Array(ChatShape))
}
