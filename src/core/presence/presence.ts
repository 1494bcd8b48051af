import type { Room, UserId, UserRef } from '../model.ts'
import type { Clock, RoomPresence, Signals, SmallRooms, Timer, UserPresence, UserRegister } from '../ports.ts'
import { PresenceNews } from './presence-news.ts'

export interface PresenceDeps {
  readonly store: SmallRooms & Pick<UserRegister, 'touchSeen'>
  readonly clock: Clock
  readonly signals: Signals
  readonly userPresence: UserPresence
  readonly roomPresence: RoomPresence
}

export interface PresenceOptions {
  /** Members up to which a room tells who is online; larger ones tell how many. */
  readonly listLimit: number
  /** Milliseconds for which a user stays online after their last connection has closed. */
  readonly presenceGraceMs: number
  /** Something needed was away, and was not before; or a fault of the server. */
  readonly onFault: (error: unknown) => void
}

/** Who is online in a room. */
export interface RoomOnline {
  /** The members who are, by id; null in a room of more members than are listed. */
  readonly online: readonly UserId[] | null
  /** How many they are; in a room of more members than are listed, how many users are connected to it. */
  readonly count: number
}

/** For how long changes gather to be announced together, in milliseconds. */
const GATHER_MS = 50
/** Users announced together. */
const BATCH = 500
/** After which what could not be told is tried again, in milliseconds. */
const RETRY_MS = 1000

export type Presence = ReturnType<typeof createPresence>

/** Who is online: users with a connection to any node, and those whose last one has just closed. */
export function createPresence(deps: PresenceDeps, options: PresenceOptions) {
  const { store, clock, signals, userPresence, roomPresence } = deps
  const { listLimit, presenceGraceMs, onFault } = options
  const here = new Map<UserId, Here>()
  /** Without a connection, within their grace period; who lost it first comes first. */
  const lingering = new Set<UserId>()
  /** Whose change has yet to be settled with the other nodes; all are in `here`. */
  const changed = new Set<UserId>()
  const news = new PresenceNews(store, clock, signals, listLimit)
  let graceTimer: Timer | null = null
  let settleTimer: Timer | null = null
  let settling: Promise<void> | null = null
  let failing = false
  let closed = false

  function isHere(id: UserId): boolean {
    return (here.get(id)?.connections ?? 0) > 0 || lingering.has(id)
  }

  function note(id: UserId): void {
    changed.add(id)
    settleAfter(GATHER_MS)
  }

  function settleAfter(ms: number): void {
    if (closed || settling !== null || settleTimer !== null) return
    settleTimer = clock.after(ms, () => {
      settleTimer = null
      settling = settle().finally(() => {
        settling = null
        if (changed.size + news.size > 0) settleAfter(failing ? RETRY_MS : GATHER_MS)
      })
    })
  }

  /** Until less than a batch is left or something fails. Never rejects. */
  async function settle(): Promise<void> {
    let settled = true
    do {
      settled = await attempt(() => settleBatch())
      settled = (await attempt(() => news.tell(BATCH))) && settled
    } while (settled && changed.size + news.size >= BATCH)
    failing = !settled
  }

  /** Never rejects; a row of failures is reported once. @returns whether it succeeded */
  async function attempt(run: () => Promise<void>): Promise<boolean> {
    try {
      await run()
      return true
    } catch (error) {
      if (!failing) onFault(error)
      failing = true
      return false
    }
  }

  async function settleBatch(): Promise<void> {
    const batch = [...changed.values().take(BATCH)]
    for (const id of batch) changed.delete(id)
    const outcomes = await Promise.allSettled(batch.map(settleOne))
    const failures = outcomes.flatMap((outcome, i) => {
      const id = batch[i]
      if (outcome.status === 'fulfilled' || id === undefined) return []
      changed.add(id)
      return [outcome.reason]
    })
    if (failures.length > 0) throw failures[0]
  }

  /** Makes what the other nodes know of a user what they are now. */
  async function settleOne(id: UserId): Promise<void> {
    const own = here.get(id)
    if (own === undefined) return
    if (isHere(id)) {
      if (own.arrived && !own.doubted) return
      const first = await userPresence.arrive(id)
      own.arrived = true
      own.doubted = false
      if (first) news.add({ user: own.user, online: true, closedAt: null, told: true })
      return
    }
    const { user, closedAt, arrived } = own
    const last = !arrived || (await userPresence.depart(id))
    own.arrived = false
    if (last) news.add({ user, online: false, closedAt, told: arrived })
    // They may have come back while that was told.
    if (isHere(id)) changed.add(id)
    else here.delete(id)
  }

  function waitForGrace(): void {
    if (graceTimer !== null) return
    for (const id of lingering) {
      const left = (here.get(id)?.closedAt ?? 0) + presenceGraceMs - clock.ticks()
      if (left > 0) {
        graceTimer = clock.after(left, () => {
          graceTimer = null
          waitForGrace()
        })
        return
      }
      lingering.delete(id)
      note(id)
    }
  }

  const self = {
    /** A connection of the user has opened on this node. Never throws. */
    connected(user: UserRef): void {
      if (closed) return
      const own = here.get(user.id) ?? { user, connections: 0, closedAt: 0, arrived: false, doubted: false }
      here.set(user.id, own)
      own.connections++
      lingering.delete(user.id)
      if (!own.arrived) note(user.id)
    },

    /** One that had opened has closed. Never throws. */
    disconnected(user: UserRef): void {
      const own = here.get(user.id)
      if (closed || own === undefined || own.connections === 0) return
      own.connections--
      if (own.connections > 0) return
      own.closedAt = clock.ticks()
      lingering.add(user.id)
      waitForGrace()
    },

    /** The node that some users were connected to has died: who is not here either is offline now. Never throws. */
    lost(users: readonly UserRef[]): void {
      for (const user of users) {
        if (!isHere(user.id)) news.add({ user, online: false, closedAt: clock.ticks(), told: true })
      }
      settleAfter(GATHER_MS)
    },

    /** The others were told that nobody is here any more, wrongly: who is here is told anew. Never throws. */
    retell(): void {
      for (const [id, own] of here) {
        if (!isHere(id)) continue
        own.doubted = true
        note(id)
      }
    },

    /** Who has become a member of a room that lists who is online is told to it, where they are. Never throws. */
    joined({ id, username }: UserRef, room: Room): void {
      if (closed || room.memberCount > listLimit) return
      const tell = () => {
        const user = { id, username }
        signals.publish({ type: 'presence', user, online: true, lastSeen: null, rooms: [room.id] })
      }
      if (isHere(id)) tell()
      else {
        void attempt(async () => {
          if ((await userPresence.online([id])).has(id)) tell()
        })
      }
    },

    /** Those of the users who are online. */
    async online(users: readonly UserId[]): Promise<ReadonlySet<UserId>> {
      const others = users.filter((id) => !isHere(id))
      const elsewhere = others.length === 0 ? null : await userPresence.online(others)
      return new Set(users.filter((id) => elsewhere?.has(id) || isHere(id)))
    },

    async inRoom(room: Room): Promise<RoomOnline> {
      if (room.memberCount > listLimit) return { online: null, count: await roomPresence.count(room.id) }
      const online = [...(await self.online(await store.memberIds(room.id, listLimit)))]
      return { online, count: online.length }
    },

    /** The node stops: whoever is still here goes, at once. What cannot be told now is lost. Never rejects. */
    async close(): Promise<void> {
      closed = true
      graceTimer?.cancel()
      settleTimer?.cancel()
      await settling
      const now = clock.ticks()
      for (const [id, own] of here) {
        if (own.connections > 0) own.closedAt = now
        own.connections = 0
        changed.add(id)
      }
      lingering.clear()
      failing = false
      let [settles, tells] = [true, true]
      while ((settles && changed.size > 0) || (tells && news.size > 0)) {
        settles &&= await attempt(() => settleBatch())
        tells &&= await attempt(() => news.tell(BATCH))
      }
    },
  }
  return self
}

/** A user on this node. */
interface Here {
  readonly user: UserRef
  connections: number
  /** In the clock's ticks: when the last one closed. */
  closedAt: number
  /** Whether the other nodes have been told of them. */
  arrived: boolean
  /** Whether they may have been told otherwise since. */
  doubted: boolean
}
