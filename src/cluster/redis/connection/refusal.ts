import { Redis } from 'ioredis'
import type { RedisClient } from './clients.ts'

export const OF_CLUSTER =
  'the server is part of a Redis Cluster: begin the URL with redis+cluster: (or rediss+cluster:)'

/** Errors of a server that is running but is not what the URL says. Retrying would not help. */
const REFUSALS: readonly (readonly [pattern: RegExp, meaning: string])[] = [
  [/^(WRONGPASS|ERR invalid password)/, 'the server refuses the password or the user'],
  [/^(NOAUTH|ERR AUTH)/, 'the server wants a password, or takes none'],
  [/^NOPERM/, 'the user may not do what is needed'],
  [/^ERR (DB index is out of range|SELECT is not allowed)/, 'there is no such database'],
  [/^(MOVED|ASK|CROSSSLOT)/, OF_CLUSTER],
  [
    /cluster support disabled/,
    'the server is not part of a Redis Cluster: begin the URL with redis: (or rediss:)',
  ],
  [/unknown command '?sentinel/i, 'the server is no Sentinel: begin the URL with redis: (or rediss:)'],
]

/** Returns in one line why a server refuses this node for good; null for other errors, such as that the server is away. */
export function refusalIn(error: unknown): string | null {
  if (!(error instanceof Error)) return null
  for (const [pattern, meaning] of REFUSALS) {
    const word = pattern.exec(error.message)?.[0]
    if (word !== undefined) return meaning === OF_CLUSTER ? meaning : `${meaning} (${word})`
  }
  return null
}

/** Returns whether a client for one server talks to a node of a Redis Cluster, which serves a part of the keys only. */
export async function isPartOfCluster(client: RedisClient): Promise<boolean> {
  return client instanceof Redis && /^cluster_enabled:1/m.test(await client.info('cluster'))
}
