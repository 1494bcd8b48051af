import type { RoomId, Signal } from '../../../core/index.ts'

/** Returns the prefix of all keys: that of the installation, and the version of the keys' content. */
export function keyspace(prefix: string): string {
  return `${prefix}:1`
}

/** The number of a stream of entries, which serves a share of the rooms; `EVERYBODY` serves all nodes. */
export type Shard = number

/** The stream that every node reads, whichever rooms it follows. */
export const EVERYBODY: Shard = -1

export function shardOf(room: RoomId, shards: number): Shard {
  return room % shards
}

/** Returns the stream of a signal. A signal for a room's listeners goes into the room's stream, in order with its events; others go to every node. */
export function shardOfSignal(signal: Signal, shards: number): Shard {
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

/** The keys of a shard lie in one slot of a Redis Cluster; those of other shards in other slots. */
export function headKey(space: string, shard: Shard): string {
  return `${space}:{s${shard}}:head`
}

/** The key contains the stream's epoch: after a flush ids begin anew, and a reader that knows older ids would skip entries silently. */
export function streamKey(space: string, shard: Shard, epoch: string): string {
  return `${space}:{s${shard}}:${epoch}`
}
