import { type Cluster, type ClusterOptions, openAlone, openRedisCluster } from '../../cluster/index.ts'
import type { Config } from '../../config.ts'
import type { Clock } from '../../core/index.ts'
import type { Logger } from '../../server/index.ts'

/** Nodes without Redis hear of each other by comparing heads alone, and the embedded database has one node only. Milliseconds. */
const RECONCILE_SHARED_MS = 5000
const RECONCILE_EMBEDDED_MS = 60_000

/** Opens what this node shares with others, if there are any. @param epoch returns the epoch of the history that this node is in */
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
      if (away === null) log.info('Redis is back')
      else
        log.warn(
          { err: away },
          'Redis is away (REDIS_URL): other nodes are heard by comparing heads, limits are per node',
        )
    },
  })
}
