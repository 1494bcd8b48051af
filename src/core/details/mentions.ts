import type { MentionOfMany, Mentions } from '../message-details.ts'
import { isId, type UserRef } from '../model.ts'
import type { Entry } from './entry.ts'

/** About what a mention takes besides a name. */
const FRAME = 40
/** 50 names of 150 code points each, and the rest. */
const MOST = 50 * (300 + FRAME) + FRAME

/** As it was resolved when the message was sent or last edited. What says nothing is left out. */
export const mentions: Entry<Mentions> = {
  most: MOST,
  // What clients ask for is checked before it is resolved.
  problem: () => null,
  stored: ({ users, room, online, ignored }) => ({
    ...(users.length > 0 ? { users: users.map(({ id, username }) => ({ id, username })) } : {}),
    ...(room ? { room } : {}),
    ...(online ? { online } : {}),
    ...(ignored.length > 0 ? { ignored } : {}),
  }),
  restored(stored) {
    if (typeof stored !== 'object' || stored === null) return null
    const part = (name: string): unknown => Reflect.get(stored, name)
    return {
      users: listOf(part('users'), isUserRef),
      room: part('room') === true,
      online: part('online') === true,
      ignored: listOf(part('ignored'), isOfMany),
    }
  },
  length: ({ users }) => users.reduce((sum, { username }) => sum + username.length + FRAME, FRAME),
}

function listOf<Item>(stored: unknown, isItem: (item: unknown) => item is Item): Item[] {
  return Array.isArray(stored) ? stored.filter(isItem) : []
}

function isUserRef(item: unknown): item is UserRef {
  return (
    typeof item === 'object' &&
    item !== null &&
    isId(Reflect.get(item, 'id')) &&
    typeof Reflect.get(item, 'username') === 'string'
  )
}

function isOfMany(item: unknown): item is MentionOfMany {
  return item === 'room' || item === 'online'
}
