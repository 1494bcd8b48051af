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
  auth: [{ summary: 'Identifies the user', payload: { type: 'auth', id: 1, token: story.token } }],
  subscribe: [
    {
      summary: 'Resumes after number 40',
      payload: { type: 'subscribe', id: 2, room: 7, after: 40, epoch: '1-5f0c9a1e.7d31b2c40e96a58f.57' },
    },
    {
      summary: 'Starts with the latest 20 messages',
      payload: { type: 'subscribe', id: 2, room: 7, limit: 20 },
    },
  ],
  unsubscribe: [{ summary: 'Unsubscribes from the room', payload: { type: 'unsubscribe', id: 3, room: 7 } }],
  send: [
    {
      summary: 'A message that may be sent again after a lost connection',
      payload: { type: 'send', id: 4, room: 7, body: 'Hello, World!', client_id: '01J9Z8-0' },
    },
    {
      summary: 'A reply to message 43',
      payload: { type: 'send', id: 'b-9', room: 7, body: 'Hi!', client_id: '01J9Z9-0', reply_to: 43 },
    },
    {
      summary: 'A message of a kind of its own, with metadata',
      payload: {
        type: 'send',
        id: 14,
        room: 7,
        body: 'At the office',
        kind: 'place',
        metadata: { location: { lat: 52.52, lon: 13.4 } },
      },
    },
  ],
  edit: [
    {
      summary: 'A new text for message 43',
      payload: { type: 'edit', id: 5, room: 7, seq: 43, body: 'Hello, all!' },
    },
  ],
  delete: [{ summary: 'Deletes message 43', payload: { type: 'delete', id: 6, room: 7, seq: 43 } }],
  react: [
    {
      summary: 'Reacts to message 43',
      payload: { type: 'react', id: 12, room: 7, seq: 43, reaction: '👍', on: true },
    },
  ],
  read: [{ summary: 'Has read everything up to 43', payload: { type: 'read', id: 7, room: 7, seq: 43 } }],
  delivered: [
    {
      summary: 'Has received everything up to 43, and needs no response',
      payload: { type: 'delivered', room: 7, seq: 43 },
    },
  ],
  thread_follow: [
    {
      summary: 'Follows the thread of message 43',
      payload: { type: 'thread_follow', id: 13, room: 7, seq: 43, follow: true },
    },
  ],
  thread_read: [
    {
      summary: 'Has read the thread up to 47',
      payload: { type: 'thread_read', id: 14, room: 7, seq: 43, read_seq: 47 },
    },
  ],
  typing: [{ summary: 'The user is typing', payload: { type: 'typing', room: 7, typing: true } }],
  memberships: [
    {
      summary: 'Resumes after number 12',
      payload: { type: 'memberships', id: 11, after: 12, epoch: '1-5f0c9a1e.7d31b2c40e96a58f.57' },
    },
  ],
  private: [
    {
      summary: 'Resumes after number 4',
      payload: { type: 'private', id: 13, after: 4, epoch: '1-5f0c9a1e.7d31b2c40e96a58f.57' },
    },
  ],
  draft: [
    {
      summary: 'An edit of version 4 of the draft, made a second ago',
      payload: { type: 'draft', id: 14, room: 7, text: 'Hello, W', version: 4, edited_ago_ms: 1000 },
    },
  ],
  ping: [{ summary: 'Checks that the connection is alive', payload: { type: 'ping', id: 8 } }],
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
      summary: 'Three events follow, then `live`',
      payload: { type: 'result', id: 2, data: { room: 7, mode: 'live', head: 43, snapshot: null } },
    },
    {
      summary: 'Starts from a snapshot',
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
      summary: 'The message is durable, with number 43',
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
      summary: 'The edit has number 44',
      payload: { type: 'result', id: 5, data: { room: 7, seq: 43, version: 44 } },
    },
  ],
  delete: [
    {
      summary: 'The deletion has number 45',
      payload: { type: 'result', id: 6, data: { room: 7, seq: 43, version: 45 } },
    },
  ],
  react: [
    {
      summary: 'Told with number 46',
      payload: {
        type: 'result',
        id: 12,
        data: { room: 7, seq: 43, reaction: '👍', on: true, shown_at: 46 },
      },
    },
  ],
  read: [
    {
      summary: 'Everything is read',
      payload: {
        type: 'result',
        id: 7,
        data: { room: 7, read_seq: 43, delivered_seq: 43, unread: 0, head: 43 },
      },
    },
  ],
  delivered: [
    {
      summary: 'Received; one message is unread',
      payload: {
        type: 'result',
        id: 9,
        data: { room: 7, read_seq: 42, delivered_seq: 43, unread: 1, head: 43 },
      },
    },
  ],
  thread_follow: [
    {
      summary: 'Followed; all that was there counts as read',
      payload: { type: 'result', id: 13, data: story.ownThread },
    },
  ],
  thread_read: [
    {
      summary: 'Read; nothing is left',
      payload: { type: 'result', id: 14, data: { ...story.ownThread, version: 2 } },
    },
  ],
  typing: [{ summary: 'Sent to the others', payload: { type: 'result', id: 10, data: {} } }],
  memberships: [
    {
      summary: 'An invitation, and a room that was deleted',
      payload: { type: 'result', id: 11, data: story.memberships },
    },
    {
      summary: 'Starts from a snapshot',
      payload: { type: 'result', id: 11, data: { memberships: [], head: 14, more: false, reset: true } },
    },
  ],
  private: [
    {
      summary: 'A draft has changed',
      payload: { type: 'result', id: 13, data: { entries: [story.draftEntry], head: 5, more: false } },
    },
  ],
  draft: [
    {
      summary: 'The draft is stored',
      payload: { type: 'result', id: 14, data: { written: true, draft: story.draft } },
    },
  ],
  ping: [{ summary: 'The connection is alive', payload: { type: 'result', id: 8, data: {} } }],
}
