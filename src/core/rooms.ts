import { requireAllowed } from './access.ts'
import { ChatError } from './errors.ts'
import type { DirectSummary, ListedRoom, Member, Room, RoomKind, Standing, UserId, UserRef } from './model.ts'
import type { PageWanted, RoomRegister, Signals, UserRegister } from './ports.ts'
import { retryStale } from './stale.ts'
import { type RoomRef, standingIn } from './standing.ts'
import { formProblem, lengthProblem, nameProblem } from './text.ts'

export interface RoomWanted {
  readonly name: string
  readonly kind: Exclude<RoomKind, 'direct'>
  readonly description?: string
  readonly avatar?: string
  readonly invited?: readonly UserId[]
}

export type Rooms = ReturnType<typeof createRooms>

/** Rooms and direct chats as such: making, finding, listing, deleting. */
export function createRooms(store: RoomRegister & UserRegister, signals: Signals) {
  const standing = (ref: RoomRef, user: UserId | null) => standingIn(store, ref, user)

  return {
    standing,

    /** The room, for someone who may know of it. @throws ChatError `not_found`, `hidden` */
    async visible(ref: RoomRef, user: UserId | null): Promise<Standing> {
      const found = await standing(ref, user)
      requireAllowed('see', found)
      return found
    },

    /** @throws ChatError `invalid`, `conflict` where the name is taken */
    async create(wanted: RoomWanted, creator: UserRef | null): Promise<Room> {
      refuse('name', nameProblem(wanted.name))
      const description = wanted.description ?? ''
      const avatar = wanted.avatar ?? ''
      refuse('description', formProblem(description) ?? lengthProblem(description, 2000))
      refuse('avatar', formProblem(avatar) ?? lengthProblem(avatar, 2000))
      const invited = [...new Set(wanted.invited ?? [])].filter((id) => id !== creator?.id)
      if ((await store.accountsById(invited)).length < invited.length) {
        throw new ChatError('invalid', 'One or more invited users do not exist', { field: 'invited_users' })
      }
      return store.createRoom({ name: wanted.name, kind: wanted.kind, creator, description, avatar, invited })
    },

    /** Makes a public room that belongs to nobody, unless a room of that name is there. */
    async ensurePublic(name: string): Promise<void> {
      if ((await store.standing({ name }, null)) !== null) return
      const room = { name, kind: 'public', creator: null, description: '', avatar: '', invited: [] } as const
      await store.createRoom(room).catch((error: unknown) => {
        // Another node made it at the same moment.
        if (!(error instanceof ChatError && error.kind === 'conflict')) throw error
      })
    },

    /** The direct chat with another user, made if need be. @throws ChatError `invalid` for oneself or an unknown user */
    async openDirect(user: UserRef, other: UserId): Promise<{ summary: DirectSummary; made: boolean }> {
      if (other === user.id) {
        throw new ChatError('invalid', 'You cannot chat with yourself', { field: 'user_id' })
      }
      const found = await store.user(other)
      if (found === null || found.kind === 'guest') {
        throw new ChatError('invalid', 'User not found', { field: 'user_id' })
      }
      const { room, made } = await store.openDirect(user.id, other)
      if (made) return { summary: { room, other: found.user, lastMessage: null, unread: 0 }, made }
      const summary = await store.direct(user.id, room.id)
      if (summary === null) throw new ChatError('not_found', 'Chat not found')
      return { summary, made }
    },

    /** Gone for everyone, on every node, with its sockets. @throws ChatError `not_found`, `hidden`, `forbidden` */
    async remove(ref: RoomRef, user: UserRef): Promise<void> {
      const room = await retryStale(async () => {
        const found = await standing(ref, user.id)
        requireAllowed('delete', found)
        await store.deleteRoom(found, user.id)
        return found.room
      })
      signals.publish({ type: 'room_deleted', roomId: room.id })
    },

    listPublic(page: PageWanted): Promise<Room[]> {
      return store.publicRooms(page)
    },

    listJoined(user: UserId, page: PageWanted): Promise<Room[]> {
      return store.joinedRooms(user, page)
    },

    /** What the user made, is invited to or came to by an invitation. */
    listOwn(user: UserId, page: PageWanted): Promise<Room[]> {
      return store.ownRooms(user, page)
    },

    /** What the user may enter, with whether they are in. */
    listEnterable(user: UserId, page: PageWanted): Promise<ListedRoom[]> {
      return store.enterableRooms(user, page)
    },

    /** The user's direct chats, latest activity first. */
    listDirects(user: UserId, limit: number): Promise<DirectSummary[]> {
      return store.directs(user, limit)
    },

    /** @throws ChatError `not_found`, `hidden`, `forbidden` */
    async members(ref: RoomRef, user: UserId, page: PageWanted): Promise<Member[]> {
      const found = await standing(ref, user)
      requireAllowed('read', found)
      return store.members(found.room.id, page)
    },
  }
}

function refuse(field: string, problem: string | null): void {
  if (problem !== null) throw new ChatError('invalid', `${field} ${problem}`, { field })
}
