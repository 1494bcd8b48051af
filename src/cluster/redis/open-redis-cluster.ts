import type { Clock } from '../../core/index.ts'
import type { Cluster, ClusterHandlers, ClusterOptions } from '../cluster.ts'
import { createRedisBus } from './bus.ts'
import { openRedis } from './clients.ts'
import { createRedisLimiter } from './limiter.ts'
import { createRedisPresence } from './presence.ts'
import { createRedisSendBudget } from './send-budget.ts'

export interface RedisClusterOptions extends ClusterOptions {
  readonly url: string
  readonly prefix: string
  readonly shards: number
  /** Redis is away, or is back; told once each time. */
  readonly onChange: (away: Error | null) => void
}

/** Heads are compared rarely while everything is heard, since that finds nothing then, and often while it is not. Milliseconds. */
const RECONCILE_MS = 60_000
const RECONCILE_BLIND_MS = 1000
/** How long a start waits for Redis; the server works without it, too. */
const FIRST_CONNECTION_MS = 2000

/** A node among others, with the same database and the same Redis. */
export async function openRedisCluster(clock: Clock, options: RedisClusterOptions): Promise<Cluster> {
  const { url, prefix, shards } = options
  const node = crypto.getRandomValues(new Uint8Array(6)).toHex()
  let handlers: ClusterHandlers | null = null
  let away = false

  function failure(error: unknown): void {
    if (away) return
    away = true
    options.onChange(error instanceof Error ? error : new Error(String(error)))
  }

  const clients = openRedis(url, failure)
  await clients.ready(FIRST_CONNECTION_MS)
  const { commands } = clients
  const bus = createRedisBus(
    clients,
    { prefix, shards, node },
    {
      events: (room, events) => handlers?.events(room, events),
      signal: (signal) => handlers?.signal(signal),
      lostEvents: (concerns) => handlers?.lostEvents(concerns),
      lostSignals: () => handlers?.lostSignals(),
      fault: (error) => handlers?.fault(error),
      failure,
    },
  )
  const presence = await createRedisPresence(commands, prefix, node, {
    offline: (users) => handlers?.offline(users),
    departed: (room, users) => handlers?.departed(room, users),
    failure,
  })
  const messages = { ...options.messages, name: 'm' }
  const budget = createRedisSendBudget(commands, prefix, clock, messages, failure)
  const requestsOptions = { ...options.requests, name: 'r' }
  const requests = createRedisSendBudget(commands, prefix, clock, requestsOptions, failure)

  return {
    fanOut: bus,
    signals: bus,
    limiter: createRedisLimiter(commands, prefix, options),
    budget,
    requests,
    userPresence: presence.users,
    roomPresence: presence.rooms,
    reconcileMs() {
      if (!bus.whole) return RECONCILE_BLIND_MS
      if (away) {
        away = false
        options.onChange(null)
      }
      return RECONCILE_MS
    },
    start(given) {
      handlers = given
    },
    async close() {
      bus.close()
      budget.close()
      requests.close()
      await presence.close()
      clients.close()
    },
  }
}
