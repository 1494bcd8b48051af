import type { Room, UserId, UserRef } from '../model.ts'
import type { Clock, RoomPresence, Signals, SmallRooms, Timer, UserPresence, UserRegister } from '../ports.ts'
import type { Here } from './here.ts'
import { onlineLookUps } from './online-look-ups.ts'
import { PresenceNews } from './presence-news.ts'

export interface PresenceDeps {
  readonly store: SmallRooms & Pick<UserRegister, 'touchSeen'>
  readonly clock: Clock
  readonly signals: Signals
  readonly userPresence: UserPresence
  readonly roomPresence: RoomPresence
}

export interface PresenceOptions {
  /** The most members of a room that tells who is online; larger ones tell only how many are. */
  readonly listLimit: number
  /** Milliseconds for which a user stays online after their last connection has closed. */
  readonly presenceGraceMs: number
  /** Called with the first of a row of failures, and with faults of the server. */
  readonly onFault: (error: unknown) => void
}

/** The members online in a room. */
export interface RoomOnline {
  /** The members who are online, by id; null if the room has more members than are listed. */
  readonly online: readonly UserId[] | null
  /** How many they are; if the room has more members than are listed, how many users are connected to it. */
  readonly count: number
}

/** Milliseconds for which changes are batched before they are announced. */
const GATHER_MS = 50
/** Users per batch. */
const BATCH = 500
/** Milliseconds until a retry. */
const RETRY_MS = 1000

export type Presence = ReturnType<typeof createPresence>

/** Keeps which users are online: those with a connection to any node, and those whose last one closed a moment ago. */
export function createPresence(deps: PresenceDeps, options: PresenceOptions) {
  const { store, clock, signals, userPresence, roomPresence } = deps
  const { listLimit, presenceGraceMs, onFault } = options
  const here = new Map<UserId, Here>()
  /** Users without a connection who are within their grace period; the one who lost it first comes first. */
  const lingering = new Set<UserId>()
  /** Users whose change has not been settled with the other nodes yet; all are in `here`. */
  const changed = new Set<UserId>()
  const news = new PresenceNews(store, clock, signals, listLimit)
  const onlineOf = onlineLookUps(userPresence)
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

  /** Settles changes until less than a batch is left or something fails. Never rejects. */
  async function settle(): Promise<void> {
    let settled = true
    do {
      settled = await attempt(() => settleBatch())
      settled = (await attempt(() => news.tell(BATCH))) && settled
    } while (settled && changed.size + news.size >= BATCH)
    failing = !settled
  }

  /** Runs a task; reports a row of failures once. Never rejects. @returns whether it succeeded */
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

  /** Tells the other nodes the current state of a user. */
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
    // The user may have come back meanwhile.
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
    /** A connection of a user has opened on this node. Never throws. */
    connected(user: UserRef): void {
      if (closed) return
      const own = here.get(user.id) ?? { user, connections: 0, closedAt: 0, arrived: false, doubted: false }
      here.set(user.id, own)
      own.connections++
      lingering.delete(user.id)
      if (!own.arrived) note(user.id)
    },

    /** A connection of a user has closed on this node. Never throws. */
    disconnected(user: UserRef): void {
      const own = here.get(user.id)
      if (closed || own === undefined || own.connections === 0) return
      own.connections--
      if (own.connections > 0) return
      own.closedAt = clock.ticks()
      lingering.add(user.id)
      waitForGrace()
    },

    /** The node that some users were connected to has died. Those who are not on this node are offline now. Never throws. */
    lost(users: readonly UserRef[]): void {
      for (const user of users) {
        if (!isHere(user.id)) news.add({ user, online: false, closedAt: clock.ticks(), told: true })
      }
      settleAfter(GATHER_MS)
    },

    /** Other nodes were wrongly told that this one has no users. Tells of its users anew. Never throws. */
    retell(): void {
      for (const [id, own] of here) {
        if (!isHere(id)) continue
        own.doubted = true
        note(id)
      }
    },

    /** Tells a room that lists its online members of a new member, if the member is online. Never throws. */
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

    /** Returns those of the users who are online. */
    async online(users: readonly UserId[]): Promise<ReadonlySet<UserId>> {
      const others = users.filter((id) => !isHere(id))
      const elsewhere = others.length === 0 ? null : await onlineOf(others)
      return new Set(users.filter((id) => elsewhere?.has(id) || isHere(id)))
    },

    /** Whether a user is online on this node. */
    isHere,

    async inRoom(room: Room): Promise<RoomOnline> {
      if (room.memberCount > listLimit) return { online: null, count: await roomPresence.count(room.id) }
      const online = [...(await self.online(await store.memberIds(room.id, listLimit)))]
      return { online, count: online.length }
    },

    /** The node stops: its users go offline at once. News that cannot be told now are lost. Never rejects. */
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
