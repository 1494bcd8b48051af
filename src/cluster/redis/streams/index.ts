/*
 * Events and signals between nodes: one Redis stream per shard, written in batches, read from a concrete id.
 */
export { createRedisBus } from './bus.ts'
