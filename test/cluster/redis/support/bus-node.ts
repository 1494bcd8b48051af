import { openRedis, type RedisClients } from '../../../../src/cluster/redis/connection/clients.ts'
import { keyspace, type Shard } from '../../../../src/cluster/redis/connection/keys.ts'
import { createRedisBus } from '../../../../src/cluster/redis/streams/bus.ts'
import { ShardWriter } from '../../../../src/cluster/redis/streams/shard-writer.ts'
import type { FanOut, RoomEvent, RoomId, Seq, Signal, Signals } from '../../../../src/core/index.ts'
import type { FanOutNode } from '../../../ports/fan-out.ts'
import type { NodeUnderTest } from '../../../ports/signals.ts'
import { until } from '../../../support/until.ts'

/** One node's bus, and what has come of it. */
export interface BusNode extends FanOutNode, Omit<NodeUnderTest, 'heard'> {
  readonly bus: FanOut & Signals & { loseAll(): void }
  readonly heard: RoomEvent[]
  readonly signalled: Signal[]
  /** Of each loss of events that was told, which rooms it concerns. */
  readonly lost: ((room: RoomId) => boolean)[]
  /** Numbers up to which something was committed that it could not read. */
  readonly unread: [RoomId, Seq][]
  /** How often it was told that signals were lost. */
  readonly lostSignals: () => number
  /** How often it was told that another node is in another epoch. */
  readonly otherEpochs: () => number
  readonly failures: unknown[]
  readonly faults: unknown[]
  /** Writes an item as a node of another version might. */
  write(shard: Shard, item: string): Promise<void>
  close(): Promise<void>
}

export interface BusOptions {
  readonly prefix: string
  readonly shards: number
  readonly epoch: () => string
  /** Called with each event heard, after it is kept. */
  readonly onEvents?: (room: RoomId) => void
}

let made = 0

/** Resolves once it hears what others say to everybody. */
export async function openBusNode(url: string, options: Partial<BusOptions> = {}): Promise<BusNode> {
  const failures: unknown[] = []
  const clients = openRedis(url, (error) => failures.push(error))
  if (!(await clients.ready(10_000))) throw new Error(`no connection to Redis: ${failures}`)
  const node = busNode(clients, failures, options)
  await until(() => node.bus.whole, 'the bus to be whole')
  return node
}

/** The same without waiting for Redis. */
export function openBusNodeNow(url: string, options: Partial<BusOptions> = {}): BusNode {
  const failures: unknown[] = []
  const clients = openRedis(url, (error) => failures.push(error))
  return busNode(clients, failures, options)
}

function busNode(clients: RedisClients, failures: unknown[], options: Partial<BusOptions>): BusNode {
  const { prefix = 'test', shards = 4, epoch = () => '1-0123abcd', onEvents } = options
  const heard: RoomEvent[] = []
  const signalled: Signal[] = []
  const lost: ((room: RoomId) => boolean)[] = []
  const unread: [RoomId, Seq][] = []
  const faults: unknown[] = []
  let stranger: ShardWriter | null = null
  let lostSignals = 0
  let otherEpochs = 0
  const bus = createRedisBus(
    clients,
    { prefix, shards, node: `node${++made}`, epoch },
    {
      events(room, events) {
        heard.push(...events)
        onEvents?.(room)
      },
      head: (room, seq) => unread.push([room, seq]),
      signal: (signal) => signalled.push(signal),
      lostEvents: (concerns) => lost.push(concerns),
      lostSignals: () => lostSignals++,
      otherEpoch: () => otherEpochs++,
      failure: (error) => failures.push(error),
      fault: (error) => faults.push(error),
    },
  )
  return {
    bus,
    fanOut: bus,
    signals: bus,
    listen: (room) => bus.listen(room),
    heard,
    signalled,
    lost,
    unread,
    lostSignals: () => lostSignals,
    otherEpochs: () => otherEpochs,
    failures,
    faults,
    async write(shard, item) {
      stranger ??= new ShardWriter(clients.commands, keyspace(prefix), shard, `stranger${++made}:`, raise)
      stranger.add(item)
      await stranger.written()
    },
    async close() {
      stranger?.close()
      await bus.close(1000)
      clients.close()
    },
  }
}

function raise(error: unknown): never {
  throw error
}
