import { requireAllowed, strangerError } from '../access.ts'
import { batchLookUps } from '../batched-look-ups.ts'
import { ChatError } from '../errors.ts'
import type {
  Invitation,
  Member,
  RecentRoom,
  RoomFacts,
  RoomId,
  RoomView,
  Snapshot,
  UnreadRoom,
  UserId,
} from '../model.ts'
import type { PageWanted, RoomReader, RoomRegister, RoomScope, SnapshotWanted, UserInRoom } from '../ports.ts'
import { mostTextOf, textWeights } from '../text-bounds.ts'
import { accessFactsIn, type RoomRef } from './access-facts.ts'
import type { RoomsOptions } from './options.ts'

/** How many of a user's rooms, the newest, are searched by name and sorted by activity. */
export const MOST_OWN_ROOMS = 1000
/** The characters of a listed member in a snapshot, about. */
const MEMBER_TEXT = 250

/** Rooms as their users see them. */
export function createRoomViews(store: RoomRegister & RoomReader, { listLimit, maxLength }: RoomsOptions) {
  const factsOf = batchLookUps((wanted: readonly UserInRoom[]) => store.factsOf(wanted, listLimit))
  const snapshotOf = batchLookUps(
    (wanted: readonly SnapshotWanted[]) => store.snapshotsOf(wanted, listLimit),
    textWeights(({ messages }) => mostTextOf(messages + 1, maxLength) + listLimit * MEMBER_TEXT),
  )

  return {
    /** The room, for someone who may know of it. @throws ChatError `not_found`, `hidden` */
    async view(ref: RoomRef, user: UserId): Promise<RoomView> {
      const view = found(await store.view(ref, user))
      requireAllowed('see', view)
      return view
    },

    /** By id. */
    views(user: UserId, scope: RoomScope, page: PageWanted): Promise<RoomView[]> {
      return store.views(user, scope, page)
    },

    /** The rooms whose names begin with a text, whatever their case: public ones and the user's own, by name. */
    named(user: UserId, prefix: string, limit: number): Promise<RoomView[]> {
      return store.roomsNamed(user, prefix, limit)
    },

    /** The user's rooms, direct chats too, with their latest messages, the latest first. */
    recent(user: UserId, page: { skip: number; limit: number }): Promise<RecentRoom[]> {
      return store.recentRooms(user, page)
    },

    /** The user's rooms, direct chats too, in which there is something to read; by id. */
    unread(user: UserId, page: PageWanted): Promise<UnreadRoom[]> {
      return store.unreadRooms(user, page)
    },

    /**
     * For members only.
     * @param messages how many of the latest
     * @throws ChatError `not_found`, `hidden`, `forbidden`
     */
    async snapshot(room: RoomId, user: UserId, messages: number): Promise<Snapshot> {
      const snapshot = found(await snapshotOf({ room, user, messages }))
      requireMember(snapshot.view)
      return snapshot
    },

    /** For members only. @throws ChatError `not_found`, `hidden`, `forbidden` */
    async facts(room: RoomId, user: UserId): Promise<RoomFacts> {
      const facts = found(await factsOf({ room, user }))
      requireMember(facts.view)
      return facts
    },

    /** @throws ChatError `not_found`, `hidden`, `forbidden` */
    async members(ref: RoomRef, reader: UserId, page: PageWanted): Promise<Member[]> {
      const access = await accessFactsIn(store, ref, reader)
      requireAllowed('read', access)
      return store.members(access.room.id, page)
    },

    /** @throws ChatError `not_found` also if the target is not a member, `hidden`, `forbidden` */
    async member(ref: RoomRef, reader: UserId, target: UserId): Promise<Member> {
      const access = await accessFactsIn(store, ref, reader)
      requireAllowed('read', access)
      const member = await store.member(access.room.id, target)
      if (member === null) throw new ChatError('not_found', 'This user is not a member of the room')
      return member
    },

    /** Who is invited, by id: for those who may invite. @throws ChatError `not_found`, `hidden`, `forbidden` */
    async invitations(ref: RoomRef, reader: UserId, page: PageWanted): Promise<Invitation[]> {
      const access = await accessFactsIn(store, ref, reader)
      requireAllowed('invite', access)
      return store.invitations(access.room.id, page)
    },
  }
}

function found<T>(answer: T | null): T {
  if (answer === null) throw new ChatError('not_found', 'Room not found')
  return answer
}

function requireMember(view: RoomView): void {
  requireAllowed('see', view)
  if (view.role === null) throw strangerError(view)
}
