import type { ResultFrame, ServerFrame } from '../wire/index.ts'
import type { Examples } from './example-types.ts'
import { moderationFrames } from './moderation-examples.ts'
import { pinFrames } from './pin-examples.ts'
import { alice, answer, bob, draftEntry, hello, helloDeleted, helloEdited, thread } from './story.ts'

/** Examples of all frames of the server except results. */
export const pushed: Examples<Exclude<ServerFrame, ResultFrame>> = {
  hello: [
    {
      summary: 'No user is identified yet: `auth` is expected',
      payload: {
        type: 'hello',
        protocol: 2,
        identified: null,
        heartbeat_ms: 20_000,
        auth_within_ms: 10_000,
        max_frame_bytes: 65_536,
        max_message_length: 4000,
        max_subscriptions: 2500,
        batch: true,
        max_batch: 128,
        epoch: '1-5f0c9a1e.7d31b2c40e96a58f.57',
      },
    },
  ],
  error: [
    {
      summary: 'A request was refused',
      payload: {
        type: 'error',
        id: 4,
        code: 'rate_limited',
        message: 'Too many messages',
        retryable: true,
        retry_after_ms: 250,
        field: null,
      },
    },
    {
      summary: 'A frame was not valid JSON',
      payload: {
        type: 'error',
        id: null,
        code: 'invalid',
        message: 'The frame is not valid JSON',
        retryable: false,
        retry_after_ms: 0,
        field: null,
      },
    },
  ],
  message: [
    { summary: 'Sent', payload: { type: 'message', room: 7, seq: 43, message: hello } },
    {
      summary: 'A reply to message 43, the first of its thread',
      payload: { type: 'message', room: 7, seq: 47, message: answer, thread },
    },
  ],
  edited: [{ summary: 'Edited', payload: { type: 'edited', room: 7, seq: 44, message: helloEdited } }],
  deleted: [
    { summary: 'A tombstone', payload: { type: 'deleted', room: 7, seq: 45, message: helloDeleted } },
  ],
  member: [
    {
      summary: 'Bob has joined',
      payload: {
        type: 'member',
        room: 7,
        seq: 41,
        change: 'joined',
        user: bob,
        actor: bob,
        role: 'member',
        at: '2026-02-13T09:58:00.000Z',
      },
    },
  ],
  room: [
    {
      summary: 'Alice has changed the description',
      payload: {
        type: 'room',
        room: 7,
        seq: 42,
        actor: alice,
        description: 'All that is built',
        avatar: '',
        at: '2026-02-13T09:59:00.000Z',
      },
    },
  ],
  ...moderationFrames,
  reaction: [
    {
      summary: 'Two users react to message 43, of whom Bob has just begun',
      payload: {
        type: 'reaction',
        room: 7,
        seq: 46,
        message: 43,
        reactions: [{ reaction: '👍', count: 2, users: [alice, bob] }],
        changed: [{ reaction: '👍', added: [2], removed: [] }],
        at: '2026-02-13T10:03:00.000Z',
      },
    },
  ],
  ...pinFrames,
  changes: [
    {
      summary: 'The changes 41 to 44, compacted: message 43 in its form since 44',
      payload: {
        type: 'changes',
        room: 7,
        after: 40,
        to: 44,
        events: [
          {
            type: 'member',
            room: 7,
            seq: 41,
            change: 'joined',
            user: bob,
            actor: bob,
            role: 'member',
            at: '2026-02-13T09:58:00.000Z',
          },
          {
            type: 'room',
            room: 7,
            seq: 42,
            actor: alice,
            description: 'All that is built',
            avatar: '',
            at: '2026-02-13T09:59:00.000Z',
          },
          { type: 'message', room: 7, seq: 43, message: helloEdited },
        ],
      },
    },
  ],
  live: [{ summary: 'The room is live from 44 on', payload: { type: 'live', room: 7, seq: 43 } }],
  state: [
    {
      summary: 'The state of the room',
      payload: {
        type: 'state',
        room: 7,
        head: 43,
        read_seq: 42,
        delivered_seq: 43,
        unread: 1,
        marks: [
          { user: 1, read_seq: 43, delivered_seq: 43 },
          { user: 2, read_seq: 42, delivered_seq: 43 },
        ],
        online: [1, 2],
        online_count: 2,
      },
    },
  ],
  unsubscribed: [
    { summary: 'The user is no longer a member', payload: { type: 'unsubscribed', room: 7, reason: 'left' } },
  ],
  marks: [
    {
      summary: 'Bob has read the message',
      payload: { type: 'marks', room: 7, user: 2, read_seq: 43, delivered_seq: 43 },
    },
  ],
  typing: [
    {
      summary: 'Bob is typing',
      payload: { type: 'typing', room: 7, user: bob, typing: true, expires_in_ms: 6000 },
    },
  ],
  presence: [
    {
      summary: 'Bob has gone offline',
      payload: {
        type: 'presence',
        room: 7,
        user: bob,
        online: false,
        last_seen: '2026-02-13T10:30:00.000Z',
      },
    },
  ],
  ephemeral: [
    {
      summary: 'Alice says something to this user alone',
      payload: {
        type: 'ephemeral',
        room: 7,
        sender: alice,
        kind: 'text',
        body: 'Only you can see this',
        at: '2026-02-13T10:00:00.000Z',
      },
    },
  ],
  membership: [
    {
      summary: 'Alice invites the user to room 9',
      payload: { type: 'membership', room: 9, change: 'invited', role: null, actor: alice, user_seq: 13 },
    },
  ],
  private: [
    {
      summary: 'The user has begun to write in room 7',
      payload: { type: 'private', after: 4, head: 5, entries: [draftEntry] },
    },
  ],
  thread: [
    {
      summary: 'The user follows a thread, by another device',
      payload: { type: 'thread', room: 7, root: 43, following: true, read_seq: 47, version: 1 },
    },
  ],
  notify: [
    {
      summary: 'Alice mentions the user in message 44 of room 9, which the connection is not subscribed to',
      payload: { type: 'notify', room: 9, message: 44, reason: 'mention', sender: alice },
    },
  ],
  heartbeat: [
    {
      summary: 'Room 7 has been sent up to 43',
      payload: { type: 'heartbeat', heads: { '7': 43 }, epoch: '1-5f0c9a1e.7d31b2c40e96a58f.58' },
    },
    {
      summary: "The number of the user's memberships is 14",
      payload: { type: 'heartbeat', heads: {}, epoch: '1-5f0c9a1e.7d31b2c40e96a58f.59', memberships: 14 },
    },
  ],
  going_away: [
    {
      summary: 'Reconnect after a second and a half',
      payload: { type: 'going_away', reconnect_after_ms: 1500 },
    },
  ],
}
