import type { Cluster } from '../../cluster/index.ts'
import {
  type Clock,
  type Core,
  cappedSignals,
  pacedSignals,
  type RoomId,
  type Signal,
  type UserId,
  type UserRef,
} from '../../core/index.ts'
import {
  type Broadcast,
  type Connections,
  compareUserHeads,
  type Logger,
  membershipNumbers,
  privateNumbers,
} from '../../server/index.ts'
import type { OpenIdentities } from '../start/index.ts'
import { createCatchUp } from './catch-up.ts'

/** Milliseconds between two comparisons of a part of the rooms and users. */
const LOOK_MS = 250
/** Users per query. */
const NAMED_AT_ONCE = 500

export interface Nodes {
  /** Looks for connections whose sessions ended without this node being notified, and closes them. */
  findEnded(): void
  /** Stops comparing with the database. */
  stop(): void
}

export interface NodeParts {
  readonly cluster: Cluster
  readonly clock: Clock
  readonly core: Core
  readonly broadcast: Broadcast
  readonly connections: Connections
  readonly identity: OpenIdentities
  readonly log: Logger
}

/** Passes what other nodes send to the chat, the identity providers and the sockets. */
export function connectNodes(parts: NodeParts): Nodes {
  const { cluster, clock, core, broadcast, connections, identity, log } = parts
  const { identities, sessionEnds } = identity
  const failed = (what: string) => (error: unknown) => log.warn({ err: error }, what)
  const followed = [
    membershipNumbers(core.chat.membership.numbers),
    privateNumbers(core.chat.privateState.numbers),
  ]
  const catchUp = createCatchUp({
    rooms: (concerns) => core.feed.reconcile(concerns),
    async connections(concerns) {
      const sessions = connections.sessions().filter(({ userId }) => concerns(userId))
      await Promise.all([
        identities.findEnded(sessions, (session) => connections.revoke(session)),
        ...followed.map((numbers) => compareUserHeads(connections, numbers, concerns)),
      ])
    },
    failed: failed('rooms and sessions could not be compared with the database; it will be tried again'),
  })

  async function named(ids: readonly UserId[], run: (users: readonly UserRef[]) => void): Promise<void> {
    for (let from = 0; from < ids.length; from += NAMED_AT_ONCE)
      run(await core.chat.accounts.refs(ids.slice(from, from + NAMED_AT_ONCE)))
  }

  const fault = (error: unknown) =>
    log.error({ err: error }, 'an entry from another node could not be handled')
  // Each node paces the signals that it publishes. They are paced here, too, because a user may be connected to several nodes.
  const capped = cappedSignals(clock, { publish: deliver }, (room, kind) => broadcast.listeners(room, kind))
  const heard = pacedSignals(clock, capped)

  function deliver(signal: Signal): void {
    try {
      if (signal.type === 'token_revoked') sessionEnds.heard(signal)
      else broadcast.signal(signal)
    } catch (error) {
      fault(error)
    }
  }

  cluster.start({
    events: (room, events) => core.feed.accept(room, events),
    head: (room, seq) => core.feed.noteHead(room, seq),
    signal: (signal) => heard.publish(signal),
    lostEvents: catchUp.rooms,
    lostSignals() {
      catchUp.signals(everyone)
      // The deletion of a room is also a signal.
      catchUp.rooms(everyone)
    },
    offline(ids) {
      named(ids, (users) => core.presence.lost(users)).catch(failed('users could not be named'))
    },
    departed(roomId, ids) {
      const at = new Date()
      named(ids, (users) => {
        for (const user of users) core.signals.publish({ type: 'departed', roomId, user, at })
      }).catch(failed('users could not be named'))
    },
    buried: () => core.presence.retell(),
    crowded: (scope, key, surplus) => connections.shed(scope, key, surplus),
    otherEpoch: () => core.epochs.look(),
    fault,
  })

  // A part at a time, since a comparison of all at once would hold messages up.
  let shares = partsOf(1)
  let turn = 0
  const timer = setInterval(() => {
    const count = Math.max(1, Math.round(cluster.reconcileMs() / LOOK_MS))
    if (count !== shares.length) shares = partsOf(count)
    const concerns = shares[turn++ % count] ?? everyone
    catchUp.signals(concerns)
    catchUp.rooms(concerns)
  }, LOOK_MS)
  return {
    findEnded: () => catchUp.signals(everyone),
    stop() {
      clearInterval(timer)
      heard.flush()
      capped.stop()
      catchUp.stop()
    },
  }
}

/** Divides rooms and users. Made once, since `catchUp` keeps the functions that it still has to ask. */
function partsOf(count: number): ((id: RoomId | UserId) => boolean)[] {
  return Array.from({ length: count }, (_, part) => (id) => id % count === part)
}

function everyone(): boolean {
  return true
}
