/*
 * Between nodes: signals, limits and presence that all nodes share, and the same for a node that is alone.
 *
 * Imports core, whose ports it implements, and the libraries behind them; never store, server or api.
 */
export { createMemoryLimiter, type LimiterOptions } from './memory-limiter.ts'
export { createMemoryPresence } from './memory-presence.ts'
export { createMemorySignals } from './memory-signals.ts'
export { createSendBudget, type SendBudgetOptions } from './send-budget.ts'
