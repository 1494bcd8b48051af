import { isAbove, requireAllowed, strangerError } from '../access.ts'
import { ChatError } from '../errors.ts'
import type { Feed } from '../feed/index.ts'
import type { AccessFacts, OwnMarks, Role, RoomId, Seq, User, UserId, UserRef } from '../model.ts'
import type { MembershipLog, RoomReader, RoomRegister, Signals, UserRegister } from '../ports.ts'
import type { Presence } from '../presence/index.ts'
import { accessFactsIn, type RoomRef } from './access-facts.ts'
import { retryOnConflict } from './conflict-retry.ts'
import { createMarks, type MarksTo } from './marks.ts'
import { memberNews } from './member-news.ts'
import { createMembershipChanges } from './membership-changes.ts'
import type { RoomsOptions } from './options.ts'

export type Membership = ReturnType<typeof createMembership>

/** Invitations per statement: it holds the room's lock, for which sends wait, and all of them are told in one turn of the event loop. */
const INVITED_AT_ONCE = 50

/** Who is in a room: each change is durable and numbered, and goes out through the feed in its place. */
export function createMembership(
  store: RoomRegister & RoomReader & UserRegister & MembershipLog,
  feed: Feed,
  signals: Signals,
  presence: Pick<Presence, 'joined'>,
  { listLimit, announce }: Pick<RoomsOptions, 'listLimit' | 'announce'>,
) {
  const accessFacts = (ref: RoomRef, user: UserId) => accessFactsIn(store, ref, user)
  const change = memberNews(feed, signals, announce)

  const marks = createMarks(store, (roomId, { id, username }, moved) => {
    const { shownReadSeq: readSeq, deliveredSeq, members, number } = moved
    if (number !== null) signals.publish({ type: 'private', userId: id, seq: number })
    if (!moved.moved) return
    signals.publish({
      type: 'marks',
      roomId,
      user: { id, username },
      readSeq,
      deliveredSeq,
      quiet: members > listLimit,
    })
  })

  async function refusedTo(user: UserId, room: RoomId): Promise<never> {
    const access = await accessFacts({ id: room }, user)
    requireAllowed('see', access)
    throw strangerError(access)
  }

  return {
    ...createMembershipChanges(store, feed),

    /** Makes the user a member; does nothing if they are one. @throws ChatError `not_found`, `hidden`, `forbidden` */
    join(ref: RoomRef, user: UserRef): Promise<AccessFacts> {
      return retryOnConflict(async () => {
        const own = await accessFacts(ref, user.id)
        requireAllowed('join', own)
        if (own.role !== null) return own
        const facts = { actor: user, actorAccess: own, user, userAccess: own }
        const events = await change(() => store.setMember({ change: 'joined', ...facts, role: 'member' }))
        const lastSeq = events.at(-1)?.seq ?? own.room.lastSeq
        const room = { ...own.room, memberCount: own.room.memberCount + 1, lastSeq }
        // After the event: nobody is told that a stranger is online.
        presence.joined(user, room)
        return { room, role: 'member', invited: false }
      })
    },

    /** An owner passes ownership on. @throws ChatError `not_found`, `hidden`, `forbidden` for a non-member */
    leave(ref: RoomRef, user: UserRef): Promise<void> {
      return retryOnConflict(async () => {
        const own = await accessFacts(ref, user.id)
        requireAllowed('leave', own)
        const facts = { actor: user, actorAccess: own, user, userAccess: own }
        await change(() => store.setMember({ change: 'left', ...facts, role: null }))
      })
    },

    /** Removes another member: after the event's number nothing reaches them. The owner cannot be removed. */
    remove(ref: RoomRef, actor: UserRef, target: UserId): Promise<void> {
      return retryOnConflict(async () => {
        const [own, theirs] = await Promise.all([accessFacts(ref, actor.id), accessFacts(ref, target)])
        requireAllowed('remove', own)
        const user = await memberNamed(store, theirs, target)
        if (!isAbove(own, theirs)) {
          throw new ChatError('forbidden', 'You may not remove this member')
        }
        const facts = { actor, actorAccess: own, user, userAccess: theirs }
        await change(() => store.setMember({ change: 'removed', ...facts, role: null }))
      })
    },

    /** Makes another member an admin, an admin a member again, or either the owner: the former owner is an admin then. */
    setRole(ref: RoomRef, actor: UserRef, target: UserId, role: Role): Promise<void> {
      return retryOnConflict(async () => {
        const [own, theirs] = await Promise.all([accessFacts(ref, actor.id), accessFacts(ref, target)])
        requireAllowed('promote', own)
        const user = await memberNamed(store, theirs, target)
        if (theirs.role === role) return
        if (theirs.role === 'owner')
          throw new ChatError(
            'forbidden',
            'The role of the owner cannot be changed; hand ownership over instead',
          )
        if (role !== 'member' && (await store.accountsById([target])).length === 0) {
          throw new ChatError('forbidden', 'The role of a guest cannot be changed')
        }
        const facts = { actor, actorAccess: own, user, userAccess: theirs }
        await change(() => store.setMember({ change: 'role', ...facts, role }))
      })
    },

    /**
     * Invites those of the users who are neither members nor invited, some at a time. If it fails on the way, the first of them stay
     * invited. @throws ChatError `invalid` for an unknown id, and as above
     */
    invite(ref: RoomRef, actor: UserRef, targets: readonly UserId[]): Promise<User[]> {
      return retryOnConflict(async () => {
        const own = await accessFacts(ref, actor.id)
        requireAllowed('invite', own)
        const wanted = [...new Set(targets)]
        const users = await store.accountsById(wanted)
        if (users.length < wanted.length) {
          throw new ChatError('invalid', 'One or more users do not exist', { field: 'users' })
        }
        const byId = new Map(users.map((user) => [user.id, user]))
        const inOrder = wanted.flatMap((id) => byId.get(id) ?? [])
        for (let from = 0; from < inOrder.length; from += INVITED_AT_ONCE) {
          const some = inOrder.slice(from, from + INVITED_AT_ONCE)
          await change(() => store.invite(own, actor, some))
        }
        return inOrder
      })
    },

    /**
     * Ends an invitation: one's own, one that the actor has made, or anyone's for the room's staff.
     * @throws ChatError `not_found` if the user is not invited, and as above
     */
    uninvite(ref: RoomRef, actor: UserRef, target: UserId): Promise<void> {
      return retryOnConflict(async () => {
        const own = await accessFacts(ref, actor.id)
        requireAllowed('see', own)
        const found = await store.invitation(own.room.id, target)
        const isOwn = target === actor.id
        const isMine = found?.invitedBy.id === actor.id
        // A caller who may not see invitations gets the same refusal whether there is one or not.
        if (!isOwn) requireAllowed(isMine ? 'invite' : 'uninvite', own)
        if (found === null) throw new ChatError('not_found', 'This user is not invited to the room')
        if (isOwn) requireAllowed('decline', own)
        const invitedBy = found.invitedBy.id
        await change(() => store.uninvite({ actor, actorAccess: own, user: found.user, invitedBy }))
      })
    },

    /** How far each member has read; for direct chats, which have two. */
    readMarks(room: RoomId): Promise<ReadonlyMap<UserId, Seq>> {
      return store.readMarks(room)
    },

    /**
     * Moves the user's own marks forward; what is read counts as delivered.
     * @throws ChatError `not_found`, `hidden`, `forbidden` for a non-member, `overloaded`
     */
    async mark(room: RoomId, user: UserRef, wanted: MarksTo): Promise<OwnMarks> {
      const moved = await marks.move(room, user, wanted)
      return moved ?? refusedTo(user.id, room)
    },

    /**
     * Marks the messages from a number on as unread, on all devices of the user, until they are read again. What others are shown of the
     * user's marks does not move back.
     * @throws ChatError `not_found`, `hidden`, `forbidden` for a non-member
     */
    async markUnread(room: RoomId, user: UserId, from: Seq): Promise<OwnMarks> {
      feed.moved()
      const marked = await store.markUnread(room, user, from)
      if (marked === null) return refusedTo(user, room)
      if (marked.number !== null) signals.publish({ type: 'private', userId: user, seq: marked.number })
      return marked
    },
  }
}

async function memberNamed(store: UserRegister, access: AccessFacts, id: UserId): Promise<User> {
  const found = access.role === null ? undefined : (await store.usersById([id]))[0]
  if (found === undefined) throw new ChatError('not_found', 'This user is not a member of the room')
  return found
}
