import { type Clock, SetupError } from '../../core/index.ts'
import type { Cluster, ClusterHandlers, ClusterOptions } from '../cluster.ts'
import { createSharedBudget } from '../shared-budget.ts'
import {
  agreeOnShards,
  COMMAND_MS,
  Health,
  isPartOfCluster,
  OF_CLUSTER,
  openRedis,
  type RedisClient,
  refusalIn,
} from './connection/index.ts'
import { createBudgetLedger, createRedisLimiter } from './limits/index.ts'
import { createRedisPresence, type RedisPresence } from './presence/index.ts'
import { createRedisBus } from './streams/index.ts'

export interface RedisClusterOptions extends ClusterOptions {
  readonly url: string
  readonly prefix: string
  readonly shards: number
  /** Returns the epoch of the history that this node is in. */
  readonly epoch: () => string
  /** Called once when Redis is away, with the error, and once when it is back, with null. */
  readonly onChange: (away: Error | null) => void
}

/**
 * The intervals at which heads are compared, in milliseconds: long while everything is heard, since nothing is found then; short
 * while it is not; and in between for a while after a loss, since a node that cannot reach Redis may still write messages.
 */
const RECONCILE_MS = 60_000
const RECONCILE_DOUBTFUL_MS = 5000
const RECONCILE_BLIND_MS = 1000
const DOUBTFUL_FOR_MS = 300_000
/** Milliseconds that a start waits for Redis; the server works without it, too. */
const FIRST_CONNECTION_MS = 2000

/**
 * Opens the cluster of a node that shares its database and Redis with others. A node starts without Redis, too.
 * @throws SetupError if the server is not what the URL says, or the other nodes have another number of shards
 */
export async function openRedisCluster(clock: Clock, options: RedisClusterOptions): Promise<Cluster> {
  const { url, prefix, shards, epoch } = options
  const node = crypto.getRandomValues(new Uint8Array(6)).toHex()
  let handlers: ClusterHandlers | null = null
  let presence: RedisPresence | null = null
  const health = new Health(options.onChange)
  /** The errors during the start. */
  const early: unknown[] = []
  let failure = (error: unknown): unknown => early.push(error)
  let lostAt = Number.NEGATIVE_INFINITY

  const clients = openRedis(url, (error) => failure(error))
  const { commands } = clients
  try {
    await clients.ready(FIRST_CONNECTION_MS)
    await meet(commands, prefix, shards).catch((error) => early.push(error))
    requireMendable(early)
  } catch (error) {
    health.close()
    clients.close()
    throw error
  }
  failure = (error) => health.failure(error)
  for (const error of early) failure(error)
  const bus = createRedisBus(
    clients,
    { prefix, shards, node, epoch },
    {
      events: (room, events) => handlers?.events(room, events),
      head: (room, seq) => handlers?.head(room, seq),
      signal: (signal) => handlers?.signal(signal),
      lostEvents(concerns) {
        lostAt = performance.now()
        handlers?.lostEvents(concerns)
      },
      lostSignals() {
        lostAt = performance.now()
        handlers?.lostSignals()
        // A flush has removed the presence.
        void presence?.check()
      },
      otherEpoch: () => handlers?.otherEpoch(),
      fault: (error) => handlers?.fault(error),
      failure,
    },
  )
  const opened = await createRedisPresence(commands, prefix, node, options.connections, {
    died: () => bus.loseAll(),
    offline: (users) => handlers?.offline(users),
    departed: (room, users) => handlers?.departed(room, users),
    buried: () => handlers?.buried(),
    crowded: (scope, key, surplus) => handlers?.crowded(scope, key, surplus),
    failure,
  })
  presence = opened
  const budgetOf = (name: string, limits: ClusterOptions['messages']) =>
    createSharedBudget(clock, createBudgetLedger(commands, prefix, name, limits, failure), limits)
  const budget = budgetOf('m', options.messages)
  const requests = budgetOf('r', options.requests)

  return {
    fanOut: bus,
    signals: bus,
    limiter: createRedisLimiter(commands, prefix, clock, options, failure),
    budget,
    requests,
    userPresence: opened.users,
    roomPresence: opened.rooms,
    connections: opened.connections,
    reconcileMs() {
      if (!bus.whole || !opened.healthy) return RECONCILE_BLIND_MS
      health.well()
      return performance.now() - lostAt < DOUBTFUL_FOR_MS ? RECONCILE_DOUBTFUL_MS : RECONCILE_MS
    },
    start(given) {
      handlers = given
    },
    async close() {
      budget.close()
      requests.close()
      // First the parts that still tell the other nodes something.
      await opened.close()
      await bus.close(COMMAND_MS)
      health.close()
      clients.close()
    },
  }
}

async function meet(commands: RedisClient, prefix: string, shards: number): Promise<void> {
  await agreeOnShards(commands, prefix, shards)
  // The user of an ACL may lack the permission to ask.
  if (await isPartOfCluster(commands).catch(() => false)) throw unfit(OF_CLUSTER)
}

/** Starts even if Redis is away. */
function requireMendable(errors: readonly unknown[]): void {
  for (const error of errors) {
    if (error instanceof SetupError) throw error
    const refusal = refusalIn(error)
    if (refusal !== null) throw unfit(refusal)
  }
}

function unfit(reason: string): SetupError {
  return new SetupError(`REDIS_URL: ${reason}`)
}
