/*
 * Postgres inside the server, for one node: PGlite in a thread of its own, reached through a Unix socket by the same
 * driver and the same queries as a Postgres server.
 *
 * It takes one connection at a time and cannot cancel: each statement runs to its end, and statement_timeout has no effect.
 */
export { openDataFolder } from './data-folder.ts'
export { DataFolderInUse } from './folder-lock.ts'
export {
  type EmbeddedConnection,
  type EmbeddedDatabase,
  type EmbeddedOptions,
  startEmbedded,
} from './start.ts'
export { startUpkeep, type Upkeep, type UpkeepOptions } from './upkeep.ts'
