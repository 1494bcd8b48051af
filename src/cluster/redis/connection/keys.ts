import type { RoomId, Signal } from '../../../core/index.ts'

/** What all keys begin with: the installation's prefix, and the version of what is in them. */
export function keyspace(prefix: string): string {
  return `${prefix}:1`
}

/** One stream of entries: a share of the rooms, or what concerns every node. */
export type Shard = number

/** For what every node has to hear, whatever rooms it has listeners in. */
export const EVERYBODY: Shard = -1

export function shardOf(room: RoomId, shards: number): Shard {
  return room % shards
}

/** What concerns one room's listeners goes to them only, in its place among the room's events; the rest goes to every node. */
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

/** A shard's keys lie in one slot of a Redis Cluster, and different shards' in different ones. */
export function headKey(space: string, shard: Shard): string {
  return `${space}:{s${shard}}:head`
}

/** The epoch is in the key: after a flush ids begin anew, and a reader of the old ones would skip them silently. */
export function streamKey(space: string, shard: Shard, epoch: string): string {
  return `${space}:{s${shard}}:${epoch}`
}
