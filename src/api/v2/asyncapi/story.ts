import type {
  Draft,
  DraftEntry,
  Memberships,
  Message,
  OwnThread,
  Room,
  Snapshot,
  Thread,
  UserRef,
} from '../wire/index.ts'

/* The values of the examples: Alice and Bob in room 7. */

export const alice: UserRef = { id: 1, username: 'alice' }
export const bob: UserRef = { id: 2, username: 'bob' }

/** A made-up token with a valid form. */
export const token = '9944b09199c62bcf9418ad846dd0e4bbdfc6ee4b'

export const hello: Message = {
  id: 501,
  room: 7,
  seq: 43,
  version: null,
  sender: alice,
  client_id: '01J9Z8-0',
  kind: 'text',
  body: 'Hello, World!',
  reply_to: null,
  created_at: '2026-02-13T10:00:00.000Z',
  edited_at: null,
  deleted_at: null,
}

export const helloEdited: Message = {
  ...hello,
  version: 44,
  body: 'Hello, all!',
  edited_at: '2026-02-13T10:01:00.000Z',
}

export const helloDeleted: Message = {
  ...helloEdited,
  version: 45,
  body: '',
  deleted_at: '2026-02-13T10:02:00.000Z',
}

/** A reply to `hello`, and the thread that it begins. */
export const answer: Message = {
  ...hello,
  id: 502,
  seq: 47,
  sender: bob,
  client_id: '01J9Z9-0',
  body: 'Hi!',
  reply_to: 43,
  root: 43,
  created_at: '2026-02-13T10:04:00.000Z',
}

export const thread: Thread = {
  root: 43,
  replies: 1,
  participants: 1,
  users: [bob],
  last_seq: 47,
  last_at: '2026-02-13T10:04:00.000Z',
  changed_seq: 47,
}

export const ownThread: OwnThread = {
  room: 7,
  root: 43,
  following: true,
  read_seq: 47,
  unread: 0,
  version: 1,
}

export const engineering: Room = {
  id: 7,
  name: 'engineering',
  kind: 'private',
  creator: alice,
  description: 'All that is built',
  avatar: '',
  head: 43,
  member_count: 2,
  posting: 'everyone',
  slow_mode: 0,
  created_at: '2026-02-01T09:00:00.000Z',
  updated_at: '2026-02-13T10:00:00.000Z',
  role: 'member',
  invited: false,
  read_seq: 42,
  delivered_seq: 42,
  unread: 1,
  other: null,
}

export const memberships: Memberships = {
  memberships: [
    {
      room: 9,
      user_seq: 13,
      change: 'invited',
      role: null,
      actor: alice,
      at: '2026-02-13T11:00:00.000Z',
    },
    {
      room: 8,
      user_seq: 14,
      change: 'room_deleted',
      role: null,
      actor: bob,
      at: '2026-02-13T11:30:00.000Z',
    },
  ],
  head: 14,
  more: false,
}

export const snapshot: Snapshot = {
  room: engineering,
  messages: [hello],
  has_older: true,
  members: [
    { user: alice, role: 'owner', read_seq: 43, delivered_seq: 43, joined_at: '2026-02-01T09:00:00.000Z' },
    { user: bob, role: 'member', read_seq: 42, delivered_seq: 42, joined_at: '2026-02-01T09:05:00.000Z' },
  ],
}

export const draft: Draft = {
  room: 7,
  private_seq: 5,
  text: 'Hello, W',
  reply_to: null,
  at: '2026-02-13T10:02:00.000Z',
}

export const draftEntry: DraftEntry = { type: 'draft', ...draft }
