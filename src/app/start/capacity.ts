import type { Config } from '../../config.ts'
import { SetupError } from '../../core/index.ts'

/** Files that the process itself has open: streams, event loops, listeners. */
const PROCESS_FILES = 12
/** Files that the embedded database has open: its settings limit them, and there are a few around it. */
const EMBEDDED_FILES = 220
/** Connections to Redis, except the readers: a Redis Cluster needs one reader per stream. Includes one connection to each master. */
const REDIS_FILES = 12
/** Files that are open for a moment: files to send, connections that replace others. */
const MOMENTARY_FILES = 12
/** The share of the clients' files that is reserved for HTTP requests. */
const HTTP_SHARE = 0.1
/** The fewest client connections for which a start makes sense. */
const LEAST_ROOM = 16

export interface Capacity {
  /** The most sockets to accept. */
  readonly maxConnections: number
  /** Bounds on all open files; null if there is no limit or it is unknown. */
  readonly files: { readonly most: number; readonly enough: number } | null
  /** A line for the log, if fewer sockets are accepted than the settings allow; else null. */
  readonly warning: string | null
}

/**
 * Returns how many connections the process has files for, after the files that it needs itself.
 * @param limit the most files that the process may have open; null if there is no limit or it is unknown
 * @throws SetupError if fewer than `LEAST_ROOM` are left
 */
export function capacityOf(config: Config, limit: number | null): Capacity {
  const wanted = config.limits.maxConnections
  if (limit === null) return { maxConnections: wanted, files: null, warning: null }
  const { steady, spare } = ownFiles(config)
  const room = limit - steady - spare
  if (room < LEAST_ROOM) {
    throw new SetupError(
      `ulimit -n: the process may have ${limit} files open, but needs ${steady + spare} and one for each connection: raise the limit`,
    )
  }
  const forHttp = Math.ceil(room * HTTP_SHARE)
  const maxConnections = Math.min(wanted, room - forHttp)
  return {
    maxConnections,
    files: { most: limit - spare, enough: limit - spare - Math.ceil(forHttp / 2) },
    warning:
      maxConnections === wanted
        ? null
        : `MAX_CONNECTIONS is ${wanted}, but the process may have only ${limit} files open (ulimit -n): it accepts at most ${maxConnections} sockets`,
  }
}

/** Returns how many files the process always has open, and how many more it must be able to open. */
function ownFiles({ database, redis }: Config): { steady: number; spare: number } {
  const pools = database.url === undefined ? 0 : database.poolSize + database.lanes
  const ofDatabase = database.url === undefined ? EMBEDDED_FILES : pools
  const ofRedis = redis.url === undefined ? 0 : REDIS_FILES + redis.shards
  // While a database client is replaced, both the old and the new connections are open.
  return { steady: PROCESS_FILES + ofDatabase + ofRedis, spare: MOMENTARY_FILES + pools }
}
