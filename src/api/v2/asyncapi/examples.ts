import type { ClientFrame } from '../wire/index.ts'
import type { Examples } from './example-types.ts'
import { moderationRequests } from './moderation-examples.ts'
import { pinRequests } from './pin-examples.ts'
import * as story from './story.ts'

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
    {
      summary: 'A file that was uploaded before, without words',
      payload: { type: 'send', id: 15, room: 7, body: '', attachments: [7] },
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
  ...pinRequests,
  ephemeral: [
    {
      summary: 'Says something to user 2 alone',
      payload: { type: 'ephemeral', id: 19, room: 7, user: 2, body: 'Only you can see this' },
    },
  ],
  ...moderationRequests,
  read: [{ summary: 'Has read everything up to 43', payload: { type: 'read', id: 7, room: 7, seq: 43 } }],
  mark_unread: [
    {
      summary: 'Message 42 and what follows are unread again',
      payload: { type: 'mark_unread', id: 15, room: 7, seq: 42 },
    },
  ],
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
  save: [{ summary: 'Saves message 43', payload: { type: 'save', id: 16, room: 7, seq: 43, on: true } }],
  notifications: [
    {
      summary: 'Only mentions, and nothing until noon',
      payload: {
        type: 'notifications',
        id: 15,
        room: 7,
        level: 'mentions',
        muted_until: '2026-02-13T12:00:00.000Z',
      },
    },
  ],
  ping: [{ summary: 'Checks that the connection is alive', payload: { type: 'ping', id: 8 } }],
}
