import { type Static, Type } from '@sinclair/typebox'
import { Marks, UserRef } from './bodies.ts'
import { Id, orNull, Time } from './common.ts'

/*
 * Signals in rooms: neither stored nor numbered, and not repeated to clients that were away.
 */

export const MarksFrame = Type.Object(
  { type: Type.Literal('marks'), room: Id, ...Marks.properties },
  {
    description:
      "A member's marks have moved. In rooms past the list limit, only the user's own marks are sent",
  },
)
export type MarksFrame = Static<typeof MarksFrame>

export const TypingFrame = Type.Object(
  {
    type: Type.Literal('typing'),
    room: Id,
    user: UserRef,
    typing: Type.Boolean(),
    expires_in_ms: Type.Integer({
      minimum: 0,
      description: 'Milliseconds after which typing ends without a further frame',
    }),
  },
  { description: 'A user is typing, or has stopped' },
)
export type TypingFrame = Static<typeof TypingFrame>

export const PresenceFrame = Type.Object(
  {
    type: Type.Literal('presence'),
    room: Id,
    user: UserRef,
    online: Type.Boolean(),
    last_seen: orNull(Time),
  },
  { description: 'A member came online or went offline, in a room that lists its members' },
)
export type PresenceFrame = Static<typeof PresenceFrame>
