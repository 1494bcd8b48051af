import { requireAllowed, strangerError } from '../access.ts'
import { ChatError } from '../errors.ts'
import type { OwnThread, RoomId, Seq, UserId, UserRef } from '../model.ts'
import type {
  FollowedThread,
  HistoryWhere,
  RoomRegister,
  Signals,
  ThreadChange,
  ThreadLog,
  ThreadPage,
} from '../ports.ts'
import { accessFactsIn, type RoomRef, type Rooms } from '../rooms/index.ts'

/** How many of the threads that a user follows, the newest, are listed by activity. */
export const MOST_FOLLOWED = 1000

export interface ThreadsDeps {
  readonly store: ThreadLog & Pick<RoomRegister, 'accessFacts'>
  readonly signals: Signals
  readonly rooms: Pick<Rooms, 'visible'>
}

/** Threads as their readers see them. Replies are sent as messages are, and tell of their threads as events. */
export function createThreads({ store, signals, rooms }: ThreadsDeps) {
  /** The database says who is a member. Whether they may know of the room is asked only if they are not. */
  async function settled(room: RoomId, user: UserRef, wanted: Promise<ThreadChange>): Promise<OwnThread> {
    const result = await wanted
    if (result.verdict !== 'done') {
      const access = await rooms.visible({ id: room }, user.id)
      throw access.role === null ? strangerError(access) : new ChatError('not_found', 'Message not found')
    }
    const { own, changed } = result
    if (changed) {
      const { root, following, readSeq, version } = own
      const { id, username } = user
      signals.publish({
        type: 'thread_state',
        roomId: room,
        user: { id, username },
        root,
        following,
        readSeq,
        version,
      })
    }
    return own
  }

  return {
    /**
     * A page of the replies in the thread of a message, for those who may read the room.
     * @param message the number of any message of the thread
     * @throws ChatError `not_found`, `hidden`, `forbidden`
     */
    async page(
      ref: RoomRef,
      user: UserRef,
      message: Seq,
      where: HistoryWhere,
      { limit, tombstones }: { readonly limit: number; readonly tombstones: boolean },
    ): Promise<ThreadPage> {
      const access = await accessFactsIn(store, ref, user.id)
      requireAllowed('read', access)
      const room = access.room.id
      const found = await store.thread({ room, message, viewer: user.id, tombstones }, where, limit)
      if (found === null) throw new ChatError('not_found', 'Message not found')
      return found
    },

    /**
     * Lets a member follow a thread, or stop to; does nothing if it is so already. Other devices of the user are told.
     * @throws ChatError `not_found`, `hidden`, `forbidden`
     */
    follow(room: RoomId, user: UserRef, message: Seq, following: boolean): Promise<OwnThread> {
      return settled(room, user, store.followThread(user.id, room, message, following))
    },

    /** Moves a member's mark in a thread forward. Other devices of the user are told. @throws ChatError as above */
    read(room: RoomId, user: UserRef, message: Seq, readSeq: Seq): Promise<OwnThread> {
      return settled(room, user, store.readThread(user.id, room, message, readSeq))
    },

    /** The threads that the user follows, the one with the latest reply first. */
    followed(user: UserId, page: { skip: number; limit: number }): Promise<FollowedThread[]> {
      return store.followedThreads(user, page)
    },
  }
}
