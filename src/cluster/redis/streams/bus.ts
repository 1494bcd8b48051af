import type { FanOut, RoomEvent, RoomId, Seq, Signal, Signals } from '../../../core/index.ts'
import {
  EVERYBODY,
  keyspace,
  type RedisClients,
  type Shard,
  shardOf,
  shardOfSignal,
} from '../connection/index.ts'
import { decode, encodeEvents, encodeSignal, type Item } from './codec.ts'
import { ShardReader } from './shard-reader.ts'
import { ENTRY_TEXT, ShardWriter } from './shard-writer.ts'

export interface RedisBusOptions {
  readonly prefix: string
  /** The number of streams over which rooms are spread; the same on every node. */
  readonly shards: number
  /** This node's name, which no other node has; a new one at each start. */
  readonly node: string
  /** Returns the epoch of the history that this node is in. */
  readonly epoch: () => string
}

export interface RedisBusHandlers {
  /** Another node has committed these. */
  events(room: RoomId, events: readonly RoomEvent[]): void
  /** Another node has committed something, up to this number, that this version cannot read. */
  head(room: RoomId, seq: Seq): void
  /** A node, this one included, has published a signal. */
  signal(signal: Signal): void
  /** Events of other nodes may have been lost, in rooms for which the function returns true. The same rooms have the same function. */
  lostEvents(concerns: (room: RoomId) => boolean): void
  /** Signals to every node may have been lost. */
  lostSignals(): void
  /** Another node is in another epoch of the history; what it committed counts as lost. */
  otherEpoch(): void
  /** Redis is away or misbehaves; called often meanwhile. */
  failure(error: unknown): void
  /** A listener threw. */
  fault(error: unknown): void
}

export interface RedisBus extends FanOut, Signals {
  /** Another node may have published what did not arrive: makes every node, this one included, look in the database. */
  loseAll(): void
  /** Stops. Waits up to `withinMs` for what is still to be written. */
  close(withinMs: number): Promise<void>
}

/** Carries committed events and signals between nodes, over Redis streams. */
export function createRedisBus(
  clients: RedisClients,
  { prefix, shards, node, epoch }: RedisBusOptions,
  handlers: RedisBusHandlers,
): RedisBus {
  const space = keyspace(prefix)
  const tagged = `${node}:`
  const writers = new Map<Shard, ShardWriter>()
  const readers: ShardReader[] = []
  /** The rooms that are listened to, with the number of listeners. */
  const rooms = new Map<RoomId, number>()
  const concerns = Array.from(
    { length: shards },
    (_, shard) => (room: RoomId) => shardOf(room, shards) === shard,
  )
  let closed = false

  function writerOf(shard: Shard): ShardWriter {
    let writer = writers.get(shard)
    if (writer === undefined) {
      writer = new ShardWriter(clients.commands, space, shard, tagged, handlers.failure)
      writers.set(shard, writer)
    }
    return writer
  }

  /** One reader for all shards. In a Redis Cluster one command cannot name several slots, so there is one reader per shard. */
  const readerOf = clients.clustered ? oneEach(openReader) : always(openReader())

  function openReader(): ShardReader {
    const reader = new ShardReader(clients.reader(), clients.commands, space, tagged, {
      onItems: (shard, items) => take(shard, items),
      onLoss: (shard) => guarded(() => lose(shard)),
      onFailure: handlers.failure,
    })
    readers.push(reader)
    return reader
  }

  function take(shard: Shard, entry: string): void {
    let items: Item[] = []
    try {
      items = decode(entry, (room) => rooms.has(room))
    } catch (error) {
      // Whatever the entry was, the database holds what it told of.
      handlers.fault(error)
      guarded(() => lose(shard))
    }
    // Each by itself: an error of one listener must not keep the rest from the others.
    for (const item of items) guarded(() => takeItem(shard, item))
  }

  function takeItem(shard: Shard, item: Item): void {
    if (item.kind === 'signal') handlers.signal(item.signal)
    else if (item.kind === 'unknown') lose(shard)
    else if (item.epoch !== undefined && item.epoch !== epoch()) mistrust(item.room)
    else {
      if (item.events.length > 0) handlers.events(item.room, item.events)
      if (item.unread !== null) handlers.head(item.room, item.unread)
    }
  }

  /** An event of another epoch may have the number of another change. Whichever node is behind, the database is read. */
  function mistrust(room: RoomId): void {
    handlers.otherEpoch()
    lose(shardOf(room, shards))
  }

  function lose(shard: Shard): void {
    if (shard === EVERYBODY) handlers.lostSignals()
    else handlers.lostEvents(concerns[shard] ?? everything)
  }

  function guarded(run: () => void): void {
    try {
      run()
    } catch (error) {
      handlers.fault(error)
    }
  }

  void readerOf(EVERYBODY).want(EVERYBODY)

  return {
    publishEvents(room, events) {
      if (closed) return
      const writer = writerOf(shardOf(room, shards))
      for (const item of encodeEvents(room, events, epoch(), ENTRY_TEXT)) writer.add(item)
    },

    publish(signal) {
      if (closed) return
      // This node hears it at once, even if Redis is away.
      guarded(() => handlers.signal(signal))
      writerOf(shardOfSignal(signal, shards)).add(encodeSignal(signal))
    },

    listen(room) {
      rooms.set(room, (rooms.get(room) ?? 0) + 1)
      const shard = shardOf(room, shards)
      return readerOf(shard).want(shard)
    },

    forget(room) {
      const count = rooms.get(room)
      if (count === undefined) return
      if (count > 1) rooms.set(room, count - 1)
      else rooms.delete(room)
      const shard = shardOf(room, shards)
      readerOf(shard).forget(shard)
    },

    get whole() {
      return readers.every((reader) => reader.whole)
    },

    loseAll() {
      for (let shard = EVERYBODY; shard < shards; shard++) writerOf(shard).lose()
      guarded(() => handlers.lostEvents(everything))
      guarded(() => handlers.lostSignals())
    },

    async close(withinMs) {
      closed = true
      for (const reader of readers) reader.close()
      const written = Promise.all([...writers.values()].map((writer) => writer.written()))
      await Promise.race([written, Bun.sleep(withinMs)])
      for (const writer of writers.values()) writer.close()
    },
  }
}

function everything(): boolean {
  return true
}

function oneEach(open: () => ShardReader): (shard: Shard) => ShardReader {
  const byShard = new Map<Shard, ShardReader>()
  return (shard) => {
    const reader = byShard.get(shard) ?? open()
    byShard.set(shard, reader)
    return reader
  }
}

function always<T>(value: T): () => T {
  return () => value
}
