import type { ClientFrame, ResultFrame } from '../wire/index.ts'
import type { Answer } from './answers.ts'
import * as story from './story.ts'

export interface Example<Payload> {
  readonly summary: string
  readonly payload: Payload
}

/** Examples of requests, by the frame's `type`. */
export type Examples<Frame extends { type: string }> = {
  readonly [Type in Frame['type']]: readonly Example<Frame & { type: Type }>[]
}

export const requests: Examples<ClientFrame> = {
  auth: [{ summary: 'Says who is speaking', payload: { type: 'auth', id: 1, token: story.token } }],
  subscribe: [
    {
      summary: 'Goes on after number 40',
      payload: { type: 'subscribe', id: 2, room: 7, after: 40, epoch: '1-5f0c9a1e.7d31b2c40e96a58f.57' },
    },
    {
      summary: 'Begins with the latest 20 messages',
      payload: { type: 'subscribe', id: 2, room: 7, limit: 20 },
    },
  ],
  unsubscribe: [{ summary: 'Hears the room no longer', payload: { type: 'unsubscribe', id: 3, room: 7 } }],
  send: [
    {
      summary: 'A message that may be sent again after a lost connection',
      payload: { type: 'send', id: 4, room: 7, body: 'Hello, World!', client_id: '01J9Z8-0' },
    },
    {
      summary: 'An answer to the message at 43',
      payload: { type: 'send', id: 'b-9', room: 7, body: 'Hi!', client_id: '01J9Z9-0', reply_to: 43 },
    },
  ],
  edit: [
    {
      summary: 'Another text for the message at 43',
      payload: { type: 'edit', id: 5, room: 7, seq: 43, body: 'Hello, all!' },
    },
  ],
  delete: [{ summary: 'Deletes the message at 43', payload: { type: 'delete', id: 6, room: 7, seq: 43 } }],
  read: [{ summary: 'Has read all up to 43', payload: { type: 'read', id: 7, room: 7, seq: 43 } }],
  delivered: [
    {
      summary: 'Has received all up to 43, and wants no answer',
      payload: { type: 'delivered', room: 7, seq: 43 },
    },
  ],
  typing: [{ summary: 'Types', payload: { type: 'typing', room: 7, typing: true } }],
  memberships: [
    {
      summary: 'Goes on after number 12',
      payload: { type: 'memberships', id: 11, after: 12, epoch: '1-5f0c9a1e.7d31b2c40e96a58f.57' },
    },
  ],
  ping: [{ summary: 'Asks whether the connection lives', payload: { type: 'ping', id: 8 } }],
}

/** Examples of result frames, each with the id of the request of the same type above. */
export const results: {
  readonly [Type in ClientFrame['type']]: readonly Example<ResultFrame & { data: Answer<Type> }>[]
} = {
  auth: [
    {
      summary: 'Identified, for 90 days',
      payload: { type: 'result', id: 1, data: { user: story.alice, expires_in_ms: 7_776_000_000 } },
    },
  ],
  subscribe: [
    {
      summary: 'Three events follow, then live',
      payload: { type: 'result', id: 2, data: { room: 7, mode: 'live', head: 43, snapshot: null } },
    },
    {
      summary: 'Begins anew',
      payload: {
        type: 'result',
        id: 2,
        data: { room: 7, mode: 'snapshot', head: 43, snapshot: story.snapshot },
      },
    },
    {
      summary: 'Starts again from a snapshot, because the history that the client had was rewritten',
      payload: {
        type: 'result',
        id: 2,
        data: { room: 7, mode: 'snapshot', head: 43, snapshot: story.snapshot, reset: true },
      },
    },
  ],
  unsubscribe: [{ summary: 'Done', payload: { type: 'result', id: 3, data: {} } }],
  send: [
    {
      summary: 'It is durable, at 43',
      payload: {
        type: 'result',
        id: 4,
        data: {
          room: 7,
          seq: 43,
          message: 501,
          client_id: '01J9Z8-0',
          created_at: '2026-02-13T10:00:00.000Z',
        },
      },
    },
  ],
  edit: [
    {
      summary: 'The edit is number 44',
      payload: { type: 'result', id: 5, data: { room: 7, seq: 43, version: 44 } },
    },
  ],
  delete: [
    {
      summary: 'The deletion is number 45',
      payload: { type: 'result', id: 6, data: { room: 7, seq: 43, version: 45 } },
    },
  ],
  read: [
    {
      summary: 'All is read',
      payload: {
        type: 'result',
        id: 7,
        data: { room: 7, read_seq: 43, delivered_seq: 43, unread: 0, head: 43 },
      },
    },
  ],
  delivered: [
    {
      summary: 'Received, one still unread',
      payload: {
        type: 'result',
        id: 9,
        data: { room: 7, read_seq: 42, delivered_seq: 43, unread: 1, head: 43 },
      },
    },
  ],
  typing: [{ summary: 'Told to the others', payload: { type: 'result', id: 10, data: {} } }],
  memberships: [
    {
      summary: 'An invitation, and a room that was deleted',
      payload: { type: 'result', id: 11, data: story.memberships },
    },
    {
      summary: 'Begins anew',
      payload: { type: 'result', id: 11, data: { memberships: [], head: 14, more: false, reset: true } },
    },
  ],
  ping: [{ summary: 'It lives', payload: { type: 'result', id: 8, data: {} } }],
}
