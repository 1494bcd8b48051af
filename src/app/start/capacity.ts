import type { Config } from '../../config.ts'
import { SetupError } from '../../core/index.ts'

/** Files of the process itself: its streams and event loops, listeners. */
const PROCESS_FILES = 12
/** Of the embedded database: its settings bound what it opens, and there are a few around it. */
const EMBEDDED_FILES = 220
/** Connections to Redis besides the readers, of which a Redis Cluster needs one a stream, and one to each of its masters. */
const REDIS_FILES = 12
/** What is opened for a moment: files to send, connections that take the place of others. */
const MOMENTARY_FILES = 12
/** Of the files for clients, what is kept for requests over HTTP. */
const HTTP_SHARE = 0.1
/** Fewer connections of clients are no server. */
const LEAST_ROOM = 16

export interface Capacity {
  /** Sockets to take at most. */
  readonly maxConnections: number
  /** Bounds on all open files; null if there is no limit, or none is known. */
  readonly files: { readonly most: number; readonly enough: number } | null
  /** For the log, if the sockets are fewer than the settings allow. */
  readonly warning: string | null
}

/**
 * Returns how many connections the process has files for, besides those that it needs itself.
 * @param limit the most files that it may have open; null if there is no limit, or none is known
 * @throws SetupError if hardly any are left
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
        : `MAX_CONNECTIONS is ${wanted}, but the process may have only ${limit} files open (ulimit -n): at most ${maxConnections} sockets are taken`,
  }
}

/** What the process has open all the time, and what it must be able to open besides. */
function ownFiles({ database, redis }: Config): { steady: number; spare: number } {
  const pools = database.url === undefined ? 0 : database.poolSize + database.lanes
  const ofDatabase = database.url === undefined ? EMBEDDED_FILES : pools
  const ofRedis = redis.url === undefined ? 0 : REDIS_FILES + redis.shards
  // While a client of the database is renewed, its connections are there twice.
  return { steady: PROCESS_FILES + ofDatabase + ofRedis, spare: MOMENTARY_FILES + pools }
}
