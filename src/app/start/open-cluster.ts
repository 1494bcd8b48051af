import { type Cluster, type ClusterOptions, openAlone, openRedisCluster } from '../../cluster/index.ts'
import type { Config } from '../../config.ts'
import type { Clock } from '../../core/index.ts'
import type { Logger } from '../../server/index.ts'

/**
 * Milliseconds between two comparisons of heads if there is no Redis. Nodes that share a Postgres server learn of each other's commits
 * only by comparing; the embedded database has only one node.
 */
const RECONCILE_SHARED_MS = 5000
const RECONCILE_EMBEDDED_MS = 60_000

/** Opens the ports that nodes share: on Redis, or in memory for a single node. @param epoch returns this node's epoch of the history */
export function openCluster(
  config: Config,
  clock: Clock,
  log: Logger,
  epoch: () => string,
): Promise<Cluster> {
  const { limits, redis } = config
  const users = limits.maxConnections
  const options: ClusterOptions = {
    ...limits,
    messages: { messagesPerSecond: limits.messagesPerSecond, burst: limits.messagesBurst, users },
    connections: { address: limits.maxConnectionsPerAddress, user: limits.maxConnectionsPerUser },
    requests: { messagesPerSecond: limits.userRequestsPerSecond, burst: limits.userRequestsBurst, users },
  }
  if (redis.url === undefined) {
    const reconcileMs = config.database.url === undefined ? RECONCILE_EMBEDDED_MS : RECONCILE_SHARED_MS
    return Promise.resolve(openAlone(clock, options, reconcileMs))
  }
  return openRedisCluster(clock, {
    ...options,
    url: redis.url,
    prefix: redis.prefix,
    shards: redis.shards,
    epoch,
    onChange(away) {
      if (away === null) log.info('Redis is available again')
      else
        log.warn(
          { err: away },
          'Redis is unavailable (REDIS_URL): until it is back, nodes compare rooms with the database, and limits are counted per node',
        )
    },
  })
}
