import type { ClientFrame } from '../wire/index.ts'
import type { Results } from './example-types.ts'
import { moderationResults } from './moderation-examples.ts'
import { pinResults } from './pin-examples.ts'
import * as story from './story.ts'

/** Examples of result frames, each with the id of the request of the same type above. */
export const results: Results<ClientFrame['type']> = {
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
  ...pinResults,
  ephemeral: [
    {
      summary: 'The member is online',
      payload: { type: 'result', id: 19, data: { room: 7, user: 2, online: true } },
    },
  ],
  ...moderationResults,
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
  mark_unread: [
    {
      summary: 'One message is unread again',
      payload: {
        type: 'result',
        id: 15,
        data: { room: 7, read_seq: 41, delivered_seq: 43, unread: 1, head: 43 },
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
  save: [
    {
      summary: 'The message is saved',
      payload: { type: 'result', id: 16, data: { room: 7, seq: 43, saved: true, private_seq: 6 } },
    },
  ],
  notifications: [
    {
      summary: 'It is stored, and told to the other devices',
      payload: {
        type: 'result',
        id: 15,
        data: {
          room: 7,
          thread: null,
          private_seq: 7,
          level: 'mentions',
          muted_until: '2026-02-13T12:00:00.000Z',
        },
      },
    },
  ],
  ping: [{ summary: 'The connection is alive', payload: { type: 'result', id: 8, data: {} } }],
}
