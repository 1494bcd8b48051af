/*
 * Tells operators how the process fares: log, health, open files, start failures.
 */
export { guardAccepting } from './accept-guard.ts'
export { crowdedAddressWarning } from './crowded-address.ts'
export { type HealthState, healthDocs, healthRoutes } from './health.ts'
export { createLogger, type Logger } from './logger.ts'
export { lostUpgradeWarning } from './lost-upgrade.ts'
export { readOpenFiles } from './open-files.ts'
export { refusedOriginWarning } from './refused-origin.ts'
export { seldom } from './seldom.ts'
export { failureLine } from './start-failure.ts'
export { untrustedProxyWarning } from './untrusted-proxy.ts'
