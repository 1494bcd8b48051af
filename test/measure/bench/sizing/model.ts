import type { EntryCost } from './measure.ts'

/** What is used of each at most. */
export interface Means {
  /** Of a core of Redis, which runs all commands on one, from 0 to 1. */
  readonly redisShare: number
  /** Of a core of each node, for what it writes to Redis and reads from it. */
  readonly nodeShare: number
  /** Bytes a second that Redis can send. */
  readonly network: number
}

export interface Limit {
  /** Over all nodes, a second. */
  readonly entries: number
  /** Out of Redis, a second. */
  readonly bytesOut: number
  /** What is used up first. */
  readonly by: 'Redis' | 'network' | 'nodes'
}

/**
 * How far one Redis goes where every node listens to every shard, as it does where users are spread over the nodes without
 * regard to rooms: each entry is written once, and read by every node, its own writer included.
 */
export function limitOf(nodes: number, { written, read }: EntryCost, means: Means): Limit {
  const limits: readonly Pick<Limit, 'entries' | 'by'>[] = [
    { by: 'Redis', entries: (means.redisShare * 1e6) / (written.redis + nodes * read.redis) },
    { by: 'network', entries: means.network / (nodes * read.bytes) },
    { by: 'nodes', entries: (means.nodeShare * 1e6) / (written.node / nodes + read.node) },
  ]
  const { entries, by } = limits.reduce((least, limit) => (limit.entries < least.entries ? limit : least))
  return { entries, bytesOut: entries * nodes * read.bytes, by }
}
