/*
 * Limits that all nodes count together.
 */
export { createBudgetLedger } from './budget-ledger.ts'
export { type ConnectionLimits, createConnectionCounts } from './connection-counts.ts'
export { createRedisLimiter } from './limiter.ts'
