import { requireAllowed, strangerError } from '../access.ts'
import { refuseMetadata } from '../details/index.ts'
import { ChatError } from '../errors.ts'
import type { DescribedEvent } from '../events/index.ts'
import type { Feed } from '../feed/index.ts'
import type { AccessFacts, DirectSummary, ListedRoom, Room, RoomKind, UserId, UserRef } from '../model.ts'
import type { Description, PageWanted, RoomReader, RoomRegister, Signals, UserRegister } from '../ports.ts'
import { formProblem, lengthProblem, roomNameOf } from '../text/index.ts'
import { createAccessFacts, type RoomRef } from './access-facts.ts'
import { retryOnConflict } from './conflict-retry.ts'
import { tellMember } from './member-news.ts'
import type { RoomsOptions } from './options.ts'
import { createRoomViews } from './room-views.ts'

export interface RoomWanted {
  readonly name: string
  readonly kind: Exclude<RoomKind, 'direct'>
  readonly description?: string
  readonly avatar?: string
  readonly invited?: readonly UserId[]
}

export type Rooms = ReturnType<typeof createRooms>

/** Rooms and direct chats as such: making, describing, finding, listing, deleting. */
export function createRooms(
  store: RoomRegister & RoomReader & UserRegister,
  feed: Feed,
  signals: Signals,
  options: RoomsOptions,
) {
  const accessFacts = createAccessFacts(store)

  return {
    ...createRoomViews(store, options),

    listLimit: options.listLimit,

    accessFacts,

    /** The room, for someone who may know of it. @throws ChatError `not_found`, `hidden` */
    async visible(ref: RoomRef, user: UserId | null): Promise<AccessFacts> {
      const found = await accessFacts(ref, user)
      requireAllowed('see', found)
      return found
    },

    /** The room, for its members. @throws ChatError `not_found`, `hidden`, `forbidden` */
    async asMember(ref: RoomRef, user: UserId): Promise<AccessFacts> {
      const found = await accessFacts(ref, user)
      requireAllowed('see', found)
      if (found.role === null) throw strangerError(found)
      return found
    },

    /** @throws ChatError `invalid`, `conflict` if the name is taken */
    async create(wanted: RoomWanted, creator: UserRef | null): Promise<Room> {
      const name = requireName(wanted.name)
      const description = wanted.description ?? ''
      const avatar = wanted.avatar ?? ''
      requireFit({ description, avatar })
      const invited = [...new Set(wanted.invited ?? [])].filter((id) => id !== creator?.id)
      const users = await store.accountsById(invited)
      if (users.length < invited.length) {
        throw new ChatError('invalid', 'One or more invited users do not exist', { field: 'invited_users' })
      }
      const { kind } = wanted
      const { room, numbers } = await store.createRoom({ name, kind, creator, description, avatar, invited })
      feed.moved()
      if (creator !== null) {
        const news = { roomId: room.id, actor: creator }
        tellMember(signals, { ...news, user: creator, change: 'joined', role: 'owner', seq: numbers[0] })
        for (const user of users) {
          const seq = numbers[invited.indexOf(user.id) + 1]
          tellMember(signals, { ...news, user, change: 'invited', role: null, seq })
        }
      }
      return room
    },

    /** Changes description, avatar and metadata, as far as they are given. @throws ChatError `invalid`, `not_found`, `hidden`, `forbidden` */
    async describe(ref: RoomRef, user: UserRef, wanted: Description): Promise<DescribedEvent> {
      requireFit(wanted)
      if (Object.values(wanted).every((value) => value === undefined)) {
        throw new ChatError('invalid', 'No field to change was given')
      }
      return retryOnConflict(async () => {
        const found = await accessFacts(ref, user.id)
        requireAllowed('describe', found)
        const { epoch } = feed
        const event = await store.describe(found, user, wanted)
        feed.commit(event.roomId, [event], epoch)
        options.announce?.([event])
        return event
      })
    },

    /**
     * Makes a public room that belongs to nobody, unless it is there.
     * @throws ChatError `invalid`, `conflict` if another public room's name looks like it
     */
    async ensurePublic(text: string): Promise<void> {
      const isThere = async () => (await store.accessFacts({ name: text }, null))?.room.kind === 'public'
      if (await isThere()) return
      const name = requireName(text)
      const room = { name, kind: 'public', creator: null, description: '', avatar: '', invited: [] } as const
      await store.createRoom(room).catch(async (error: unknown) => {
        // Another node may have made it at the same moment.
        if (!(error instanceof ChatError && error.kind === 'conflict' && (await isThere()))) throw error
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
      const { room, made, numbers } = await store.openDirect(user.id, other)
      if (made) {
        feed.moved()
        const news = { roomId: room.id, change: 'joined', role: 'member', actor: user } as const
        for (const [index, each] of [user, found.user].entries()) {
          tellMember(signals, { ...news, user: each, seq: numbers[index] })
        }
        return { summary: { room, other: found.user, lastMessage: null, unread: 0 }, made }
      }
      const summary = await store.direct(user.id, room.id)
      if (summary === null) throw new ChatError('not_found', 'Chat not found')
      return { summary, made }
    },

    /** Gone for everyone, on every node, with its sockets. @throws ChatError `not_found`, `hidden`, `forbidden` */
    async remove(ref: RoomRef, user: UserRef): Promise<void> {
      const { roomId, concerned } = await retryOnConflict(async () => {
        const found = await accessFacts(ref, user.id)
        requireAllowed('delete', found)
        return { roomId: found.room.id, concerned: await store.deleteRoom(found, user.id) }
      })
      feed.moved()
      signals.publish({ type: 'room_deleted', roomId })
      // Users of larger rooms who do not hear the room learn it when the nodes next compare memberships with the database.
      if (concerned.length > options.listLimit) return
      const users = new Map(
        (await store.usersById(concerned.map((each) => each.user))).map((each) => [each.id, each]),
      )
      const news = { roomId, change: 'room_deleted', role: null, actor: user } as const
      for (const { user: id, seq } of concerned) {
        const gone = users.get(id)
        if (gone !== undefined) tellMember(signals, { ...news, user: gone, seq })
      }
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
  }
}

/** @returns the name as it is stored */
function requireName(text: string): string {
  const found = roomNameOf(text)
  if ('name' in found) return found.name
  throw new ChatError('invalid', `name ${found.problem}`, { field: 'name' })
}

function requireFit({ description = '', avatar = '', metadata }: Description): void {
  refuse('description', lengthProblem(description, 2000) ?? formProblem(description))
  refuse('avatar', lengthProblem(avatar, 2000) ?? formProblem(avatar))
  refuseMetadata(metadata)
}

function refuse(field: string, problem: string | null): void {
  if (problem !== null) throw new ChatError('invalid', `${field} ${problem}`, { field })
}
