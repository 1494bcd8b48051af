import type { FanOut, RoomEvent, RoomId, Signal, Signals } from '../../core/index.ts'
import type { RedisClients } from './clients.ts'
import { decode, encodeEvents, encodeSignal } from './codec.ts'
import { EVERYBODY, keyspace, type Shard, shardOf } from './keys.ts'
import { ShardReader } from './shard-reader.ts'
import { ShardWriter } from './shard-writer.ts'

export interface RedisBusOptions {
  readonly prefix: string
  /** Over how many streams rooms are spread; the same on every node. */
  readonly shards: number
  /** This node's name among the others; a new one at each start. */
  readonly node: string
}

export interface RedisBusHandlers {
  /** Another node has committed these. */
  events(room: RoomId, events: readonly RoomEvent[]): void
  /** A node has said this; this one too. */
  signal(signal: Signal): void
  /** Something that other nodes committed to rooms for which this is true was not heard. */
  lostEvents(concerns: (room: RoomId) => boolean): void
  /** Signals to everybody may have been lost. */
  lostSignals(): void
  /** Redis is away or misbehaves; often while it is. */
  failure(error: unknown): void
  /** A listener threw. */
  fault(error: unknown): void
}

/** Between nodes: committed events, and signals, over Redis streams. */
export function createRedisBus(
  clients: RedisClients,
  options: RedisBusOptions,
  handlers: RedisBusHandlers,
): FanOut & Signals & { close(): void } {
  const space = keyspace(options.prefix)
  const writers = new Map<Shard, ShardWriter>()
  const readers: ShardReader[] = []
  let closed = false

  function writerOf(shard: Shard): ShardWriter {
    let writer = writers.get(shard)
    if (writer === undefined) {
      writer = new ShardWriter(clients.commands, space, shard, options.node, handlers.failure)
      writers.set(shard, writer)
    }
    return writer
  }

  /** One for all shards; in a Redis Cluster, where one command may not name several slots, one each. */
  const readerOf = clients.clustered ? oneEach() : always(openReader())

  function openReader(): ShardReader {
    const reader = new ShardReader(clients.reader(), clients.commands, space, options.node, {
      onItems: take,
      onLoss(shard) {
        if (shard === EVERYBODY) handlers.lostSignals()
        else handlers.lostEvents((room) => shardOf(room, options.shards) === shard)
      },
      onFailure: handlers.failure,
    })
    readers.push(reader)
    return reader
  }

  function oneEach(): (shard: Shard) => ShardReader {
    const byShard = new Map<Shard, ShardReader>()
    return (shard) => {
      const reader = byShard.get(shard) ?? openReader()
      byShard.set(shard, reader)
      return reader
    }
  }

  function take(items: string): void {
    try {
      for (const item of decode(items)) {
        if ('signal' in item) handlers.signal(item.signal)
        else handlers.events(item.room, item.events)
      }
    } catch (error) {
      handlers.fault(error)
    }
  }

  void readerOf(EVERYBODY).want(EVERYBODY)

  return {
    publishEvents(room, events) {
      if (!closed) writerOf(shardOf(room, options.shards)).add(encodeEvents(room, events))
    },

    publish(signal) {
      if (closed) return
      // This node hears it at once, whatever Redis does.
      try {
        handlers.signal(signal)
      } catch (error) {
        handlers.fault(error)
      }
      writerOf(shardOfSignal(signal, options.shards)).add(encodeSignal(signal))
    },

    listen(room) {
      const shard = shardOf(room, options.shards)
      return readerOf(shard).want(shard)
    },

    forget(room) {
      const shard = shardOf(room, options.shards)
      readerOf(shard).forget(shard)
    },

    get whole() {
      if (readers.some((reader) => !reader.whole)) return false
      for (const writer of writers.values()) if (writer.lost) return false
      return true
    },

    close() {
      closed = true
      for (const reader of readers) reader.close()
      for (const writer of writers.values()) writer.close()
    },
  }
}

/** What concerns one room's listeners goes to them only, in its place among the room's events; the rest goes to every node. */
function shardOfSignal(signal: Signal, shards: number): Shard {
  switch (signal.type) {
    case 'arrived':
    case 'departed':
    case 'typing':
      return shardOf(signal.roomId, shards)
    case 'marks':
      return signal.quiet ? EVERYBODY : shardOf(signal.roomId, shards)
    default:
      return EVERYBODY
  }
}

function always<T>(value: T): () => T {
  return () => value
}
