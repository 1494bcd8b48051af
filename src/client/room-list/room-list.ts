import { all, type Page, type PageQuery } from '../api/index.ts'
import { backoff } from '../backoff.ts'
import type { Batch } from '../batch.ts'
import type { Environment } from '../environment.ts'
import { createListeners } from '../listeners.ts'
import type { MembershipFrame, Room } from '../wire.ts'
import { createLookUps } from './look-ups.ts'
import { NO_ROOMS, type RoomListSnapshot, roomListOf } from './rooms-by-id.ts'

export type { RoomListSnapshot } from './rooms-by-id.ts'

/** A list of rooms. Its functions are what React's `useSyncExternalStore` takes. */
export interface RoomList {
  /** The same object until something has changed. */
  getSnapshot(): RoomListSnapshot
  /** The list before anything has come, always the same. */
  getServerSnapshot(): RoomListSnapshot
  /**
   * Calls `listener` after every change, and keeps the list up to date as long as anybody listens; returns how to stop that. Whoever
   * listens again later gets what was missed.
   */
  subscribe(listener: () => void): () => void
}

export interface RoomListNeeds {
  readonly env: Environment
  readonly batch: Batch
  list(scope: 'joined' | 'invited', page: PageQuery): Promise<Page<Room>>
  get(id: number): Promise<Room>
  /** Begins to tell of changes; returns how to stop that. */
  want(): () => void
}

/** Rooms that are looked up one by one at most; with more, all are listed anew. */
const ONE_BY_ONE = 50

/** The user's rooms: listed once, and from then on changed by what happens to the memberships. */
export function createRoomList({ env, batch, list, get, want }: RoomListNeeds) {
  const { clock, log, random } = env
  const listeners = createListeners<[]>(log)
  const known = new Map<number, Room>()
  let snapshot = NO_ROOMS
  let hasList = false
  /** Whether what happens is told, so that a list that is read now will stay right. */
  let isTold = false
  let isPaused = true
  /** What has happened while the rooms were listed, by room: the list may be from before. null while they are not. */
  let meanwhile: Map<number, MembershipFrame> | null = null
  /** Counts the listings, since the answer to one that was given up says nothing. */
  let listings = 0
  let failures = 0
  let cancelRetry: (() => void) | null = null
  let subscribers = 0
  let stopWanting: () => void = () => undefined

  const lookUps = createLookUps<Room>({
    env,
    read: get,
    found(id, room) {
      if (room !== null && (room.role !== null || room.invited)) known.set(id, room)
      else known.delete(id)
      update()
    },
  })

  function update(): void {
    const before = snapshot
    snapshot = roomListOf(before, known.values(), hasList && meanwhile === null && lookUps.size() === 0)
    if (snapshot !== before) batch.once(listeners.call)
  }

  async function load(): Promise<void> {
    const mine = ++listings
    cancelRetry?.()
    cancelRetry = null
    meanwhile = new Map()
    lookUps.clear()
    const rooms: Room[] = []
    try {
      for (const scope of ['joined', 'invited'] as const) {
        for await (const room of all((page) => list(scope, page))) {
          if (mine !== listings) return
          rooms.push(room)
        }
      }
    } catch (error) {
      if (mine !== listings) return
      log('warn', 'The rooms could not be listed', { error })
      cancelRetry = isPaused ? () => undefined : clock.after(backoff(failures++, random), () => void load())
      return
    }
    if (mine === listings) loaded(rooms)
  }

  function loaded(rooms: readonly Room[]): void {
    const changes = [...(meanwhile?.values() ?? [])]
    meanwhile = null
    failures = 0
    hasList = true
    known.clear()
    for (const room of rooms) known.set(room.id, room)
    for (const change of changes) apply(change)
    update()
  }

  function apply({ room: id, change, role }: MembershipFrame): void {
    if (role === null && change !== 'invited') {
      known.delete(id)
      lookUps.drop(id)
    } else {
      lookUps.add(id)
    }
  }

  const roomList: RoomList = {
    getSnapshot: () => snapshot,
    getServerSnapshot: () => NO_ROOMS,
    subscribe(listener) {
      const stop = listeners.add(listener)
      let isOver = false
      if (++subscribers === 1) {
        stopWanting = want()
        if (isTold && !hasList && meanwhile === null) void load()
      }
      return () => {
        stop()
        if (!isOver && --subscribers === 0) stopWanting()
        isOver = true
      }
    },
  }

  return {
    roomList,

    /** All rooms are to be listed anew. */
    begun(): void {
      isTold = true
      hasList = false
      if (subscribers > 0) void load()
      update()
    },

    changed(frame: MembershipFrame): void {
      if (meanwhile !== null) meanwhile.set(frame.room, frame)
      else if (hasList) apply(frame)
      if (meanwhile === null && lookUps.size() > ONE_BY_ONE) void load()
      update()
    },

    /** Without a connection nothing is asked; with one, what was put off is asked now. */
    linked(isReady: boolean): void {
      isPaused = !isReady
      if (isReady) {
        lookUps.resume()
        if (cancelRetry !== null) void load()
        return
      }
      lookUps.pause()
      if (cancelRetry === null) return
      cancelRetry()
      cancelRetry = () => undefined
    },

    /** Another user than before has other rooms. */
    forget(): void {
      listings++
      cancelRetry?.()
      cancelRetry = null
      meanwhile = null
      hasList = false
      isTold = false
      lookUps.clear()
      known.clear()
      update()
    },
  }
}
