import type { Clock } from '../../core/index.ts'
import type { Cluster, ClusterHandlers, ClusterOptions } from '../cluster.ts'
import { createSendBudget } from '../send-budget.ts'
import { createLonelyConnectionCounts } from './connections.ts'
import { createMemoryBus } from './fan-out.ts'
import { createMemoryLimiter } from './limiter.ts'
import { createMemoryRoomPresence, createMemoryUserPresence } from './presence.ts'
import { createMemorySignals } from './signals.ts'

/**
 * Opens the cluster of a node without Redis.
 * @param reconcileMs the interval at which heads are compared; nodes that share only a database hear of each other in no other way
 */
export function openAlone(clock: Clock, options: ClusterOptions, reconcileMs: number): Cluster {
  let handlers: ClusterHandlers | null = null
  return {
    fanOut: createMemoryBus().join(() => undefined),
    signals: createMemorySignals(
      (signal) => handlers?.signal(signal),
      (error) => handlers?.fault(error),
    ),
    limiter: createMemoryLimiter(clock, options),
    budget: createSendBudget(clock, options.messages),
    requests: createSendBudget(clock, options.requests),
    userPresence: createMemoryUserPresence(),
    roomPresence: createMemoryRoomPresence(),
    connections: createLonelyConnectionCounts(),
    reconcileMs: () => reconcileMs,
    start(given) {
      handlers = given
    },
    close: () => Promise.resolve(),
  }
}
