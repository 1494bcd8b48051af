/*
 * Connects nodes: events, signals, limits and presence that all nodes share, and the same for a single node.
 *
 * Imports core, whose ports it implements, and the libraries behind them; never store, server or api.
 */
export type { Cluster, ClusterHandlers, ClusterOptions } from './cluster.ts'
export { openAlone } from './local/index.ts'
export { openRedisCluster } from './redis/index.ts'
