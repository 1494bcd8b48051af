import { requireAllowed } from './access.ts'
import { ChatError } from './errors.ts'
import type { Feed } from './feed.ts'
import type { Role, RoomEvent, RoomId, Seq, Standing, User, UserId, UserRef } from './model.ts'
import type { RoomRegister, Signals, UserRegister } from './ports.ts'
import { retryStale } from './stale.ts'
import { type RoomRef, standingIn } from './standing.ts'

export type Membership = ReturnType<typeof createMembership>

/** Who is in a room: each change is durable and numbered, and goes out through the feed in its place. */
export function createMembership(store: RoomRegister & UserRegister, feed: Feed, signals: Signals) {
  const standing = (ref: RoomRef, user: UserId) => standingIn(store, ref, user)

  function announce(...events: RoomEvent[]): void {
    const [first] = events
    if (first !== undefined) feed.accept(first.roomId, events)
  }

  return {
    /** Makes the user a member; does nothing where they are. @throws ChatError `not_found`, `hidden`, `forbidden` */
    join(ref: RoomRef, user: UserRef): Promise<Standing> {
      return retryStale(async () => {
        const own = await standing(ref, user.id)
        requireAllowed('join', own)
        if (own.role !== null) return own
        const event = await store.setMember({
          change: 'joined',
          actor: user,
          actorStanding: own,
          user,
          userStanding: own,
          role: 'member',
        })
        announce(event)
        const room = { ...own.room, memberCount: own.room.memberCount + 1, lastSeq: event.seq }
        return { room, role: 'member', invited: false }
      })
    },

    /** @throws ChatError `not_found`, `hidden`, `forbidden` for who is no member */
    leave(ref: RoomRef, user: UserRef): Promise<void> {
      return retryStale(async () => {
        const own = await standing(ref, user.id)
        requireAllowed('leave', own)
        const facts = { actor: user, actorStanding: own, user, userStanding: own }
        announce(await store.setMember({ change: 'left', ...facts, role: null }))
      })
    },

    /** Removes another member: after the event's number nothing reaches them. The owner cannot be removed. */
    remove(ref: RoomRef, actor: UserRef, target: UserId): Promise<void> {
      return retryStale(async () => {
        const [own, theirs] = await Promise.all([standing(ref, actor.id), standing(ref, target)])
        requireAllowed('remove', own)
        const user = await memberNamed(store, theirs, target)
        if (theirs.role === 'owner' || (theirs.role === 'admin' && own.role !== 'owner')) {
          throw new ChatError('forbidden', 'You may not remove this member')
        }
        const facts = { actor, actorStanding: own, user, userStanding: theirs }
        announce(await store.setMember({ change: 'removed', ...facts, role: null }))
      })
    },

    /** Makes another member an admin, or an admin a member again. */
    setRole(ref: RoomRef, actor: UserRef, target: UserId, role: Exclude<Role, 'owner'>): Promise<void> {
      return retryStale(async () => {
        const [own, theirs] = await Promise.all([standing(ref, actor.id), standing(ref, target)])
        requireAllowed('promote', own)
        const user = await memberNamed(store, theirs, target)
        if (theirs.role === 'owner') throw new ChatError('forbidden', 'The owner stays the owner')
        if (theirs.role === role) return
        const facts = { actor, actorStanding: own, user, userStanding: theirs }
        announce(await store.setMember({ change: 'role', ...facts, role }))
      })
    },

    /** Invites those of the users who are neither members nor invited. @throws ChatError `invalid` for an unknown id, and as above */
    invite(ref: RoomRef, actor: UserRef, targets: readonly UserId[]): Promise<User[]> {
      return retryStale(async () => {
        const own = await standing(ref, actor.id)
        requireAllowed('invite', own)
        const wanted = [...new Set(targets)]
        const users = await store.accountsById(wanted)
        if (users.length < wanted.length) {
          throw new ChatError('invalid', 'One or more users do not exist', { field: 'users' })
        }
        const inOrder = wanted.flatMap((id) => users.find((user) => user.id === id) ?? [])
        announce(...(await store.invite(own, actor, inOrder)))
        return inOrder
      })
    },

    /** How far each member has read; for direct chats, which have two. */
    readMarks(room: RoomId): Promise<ReadonlyMap<UserId, Seq>> {
      return store.readMarks(room)
    },

    /** Moves the user's read mark forward. @returns where it stands now. @throws ChatError `forbidden` for who is no member */
    async markRead(ref: RoomRef, user: UserRef, upTo: Seq): Promise<Seq> {
      const own = await standing(ref, user.id)
      const seq = await store.markRead(own.room.id, user.id, upTo)
      if (seq === null) {
        requireAllowed('send', own)
        throw new ChatError('forbidden', 'You are not a member of this room')
      }
      signals.publish({ type: 'read', roomId: own.room.id, user, seq })
      return seq
    },
  }
}

async function memberNamed(store: UserRegister, standing: Standing, id: UserId): Promise<User> {
  const found = standing.role === null ? undefined : (await store.usersById([id]))[0]
  if (found === undefined) throw new ChatError('not_found', 'This user is not a member of the room')
  return found
}
