import { t } from 'elysia'
import { integer, pathText, RoomFrame } from '../shared/index.ts'

const time = t.String({ format: 'date-time', examples: ['2025-02-13T10:00:00.000Z'] })

export const GroupBody = t.Object({
  id: integer({ examples: [1] }),
  name: t.String({ examples: ['2nd_year'] }),
  description: t.String({ examples: ['Room for second-year students'] }),
  room_avatar: t.String({ examples: ['https://chat.example.com/avatar.png'] }),
  created_at: time,
  updated_at: time,
  members_count: integer({ examples: [5] }),
})
export const ListedGroup = t.Object({ ...GroupBody.properties, is_member: t.Boolean() })

export const MemberBody = t.Object({
  id: integer({ examples: [1] }),
  username: t.String({ examples: ['anagh'] }),
  first_name: t.String({ examples: ['Anagh'] }),
  last_name: t.String({ examples: ['Singh'] }),
})

const link = t.Union([t.String({ format: 'uri' }), t.Null()])
export const MessagesPage = t.Object({
  count: integer({ description: 'Messages in the room', examples: [123] }),
  next: link,
  previous: link,
  results: t.Array(RoomFrame),
})

export const RoomPath = t.Object({ room: pathText("The room's name, percent-encoded", '2nd_year') })
export const PageQuery = t.Object({
  page: t.Optional(
    t.String({
      description: 'The number of the page, from 1, or `last`',
      'x-shown': {
        anyOf: [
          { type: 'integer', minimum: 1, maximum: 999_999_999 },
          { type: 'string', enum: ['last'] },
        ],
        default: 1,
        examples: [1],
      },
    }),
  ),
  page_size: t.Optional(
    t.String({
      description:
        'Messages in the page, 20 by default; more than 100 are taken for 100, and what is no number for 20',
      'x-shown': { anyOf: [{ type: 'integer' }, { type: 'string' }], default: 20, examples: [20] },
    }),
  ),
})
