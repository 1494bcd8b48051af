import { type Static, Type } from '@sinclair/typebox'
import { Message } from './bodies.ts'
import { Id, Seq, Time } from './common.ts'
import { SendRequest } from './requests.ts'

/*
 * What REST says of messages besides the messages themselves.
 */

const { body, kind, metadata } = SendRequest.properties

export const NewEphemeral = Type.Object(
  { user: Id, body, kind, metadata },
  { description: 'A message to one member of a room, which is not stored' },
)
export type NewEphemeral = Static<typeof NewEphemeral>

export const Revision = Type.Object(
  {
    version: Seq,
    body: Message.properties.body,
    metadata: Message.properties.metadata,
    at: Time,
    replaced_at: Time,
  },
  {
    description:
      'What a message said before it was edited: `version` is the number at which it came to say so, `at` the time, `replaced_at` when an edit replaced it',
  },
)
export type Revision = Static<typeof Revision>
