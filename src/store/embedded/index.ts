/*
 * Postgres inside the server, for one node: PGlite in a thread of its own, reached through a Unix socket by the same
 * driver and the same queries as a Postgres server.
 *
 * One connection at a time, and no cancelling: a statement runs to its end, statement_timeout does nothing.
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
