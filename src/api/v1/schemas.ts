import { t } from 'elysia'
import { idText, kindShown, messageShown, roomNameShown, usernameShown, wireId } from '../shared/index.ts'

const time = t.String({ format: 'date-time', examples: ['2024-04-01T12:00:00.000Z'] })

export const NewRoom = t.Object({
  name: t.String({
    description: '1 to 100 characters, not only digits; unique, ignoring case',
    examples: ['General Chat'],
    'x-shown': roomNameShown,
  }),
})
export const RoomBody = t.Object({
  id: wireId,
  name: t.String({ examples: ['General Chat'] }),
  created_at: time,
})

export const NewUser = t.Object({
  username: t.String({
    description: 'Letters, digits and @ . + - _, at most 150; unique, ignoring case',
    examples: ['john_doe'],
    'x-shown': usernameShown,
  }),
})
export const UserBody = t.Object({
  id: wireId,
  username: t.String({ examples: ['john_doe'] }),
  created_at: time,
})
export const UserWithToken = t.Object({
  ...UserBody.properties,
  token: t.String({
    description: 'Identifies the user; shown only once',
    examples: ['9944b09199c62bcf9418ad846dd0e4bbdfc6ee4b'],
  }),
})

export const NewMessage = t.Object({
  content: t.String({ examples: ['Hello, World!'], 'x-shown': messageShown }),
  user_id: t.String({
    description: "The sender's id",
    examples: ['7'],
    'x-shown': { pattern: wireId.pattern },
  }),
  type: t.Optional(
    t.String({
      description: 'A lower-case word, `text` by default',
      examples: ['text'],
      'x-shown': kindShown,
    }),
  ),
})
export { MessageSchema as MessageBody } from './frames.ts'

export const RoomPath = t.Object({ room_id: idText("The room's id") })
export const UserPath = t.Object({ user_id: idText("The user's id") })
export const SocketPath = t.Object({ ...RoomPath.properties, ...UserPath.properties })
