import { type Cluster, type ClusterHandlers, openRedisCluster } from '../../../../src/cluster/index.ts'
import { isId, type RoomEvent, type RoomId } from '../../../../src/core/index.ts'
import { systemClock } from '../../../../src/server/index.ts'
import { content } from '../load/setup.ts'

/** As REDIS_SHARDS is by default. */
export const SHARDS = 8

/** What a node shares with others, without the node: no database, no sockets. */
export async function openSimulatedNode(url: string): Promise<Cluster> {
  const failures: unknown[] = []
  const node = await openRedisCluster(systemClock, {
    url,
    prefix: 'parley',
    shards: SHARDS,
    epoch: () => '1-0123abcd',
    requestsPerMinute: 1_000_000,
    loginsPerMinute: 1_000_000,
    registrationsPerMinute: 1_000_000,
    guestsPerMinute: 1_000_000,
    searchesPerMinute: 1_000_000,
    messages: { messagesPerSecond: 100, burst: 500, users: 100_000 },
    requests: { messagesPerSecond: 100, burst: 2000, users: 100_000 },
    connections: { address: 1_000_000, user: 1_000_000 },
    onChange: (away) => {
      if (away !== null) failures.push(away)
    },
  })
  node.start(deaf)
  if (failures.length > 0) throw failures[0]
  return node
}

/** The same, which listens to one room of each shard, and so reads all of them. */
export async function openListener(url: string): Promise<Cluster> {
  const node = await openSimulatedNode(url)
  for (const room of roomsOfShards()) await node.fanOut.listen(room)
  return node
}

export function roomsOfShards(): RoomId[] {
  return Array.from({ length: SHARDS }, (_, shard) => idOf(SHARDS + shard))
}

/** Messages of an ordinary length, as they come out of a batch. */
export function messagesOf(roomId: RoomId, count: number): RoomEvent[] {
  return Array.from({ length: count }, (_, index) => {
    const id = idOf(1_000_000 + index)
    return {
      type: 'message',
      roomId,
      seq: id,
      message: {
        id,
        roomId,
        seq: id,
        versionSeq: null,
        sender: { id, username: 'somebody' },
        clientId: `0123456789ab-${String(index).padStart(10, '0')}`,
        kind: 'text',
        body: content('0123456789'),
        replyTo: null,
        details: null,
        root: null,
        thread: null,
        inRoom: true,
        createdAt: new Date(),
        editedAt: null,
        deletedAt: null,
      },
    }
  })
}

export function idOf(value: number) {
  if (!isId(value)) throw new Error(`${value} is no id`)
  return value
}

/** What comes in is read, decoded, and let go of. */
const deaf: ClusterHandlers = {
  events: () => undefined,
  head: () => undefined,
  signal: () => undefined,
  lostEvents: () => undefined,
  lostSignals: () => undefined,
  offline: () => undefined,
  departed: () => undefined,
  buried: () => undefined,
  crowded: () => undefined,
  otherEpoch: () => undefined,
  fault(error) {
    throw error
  },
}
