import postgres, { type Sql } from 'postgres'
import type { EmbeddedConnection } from '../embedded/index.ts'
import { fromNumberArray, toArray } from '../sql/index.ts'
import { renewable } from './renewable.ts'

export interface DatabaseOptions {
  /**
   * `postgres://…`; `?sslmode=` disable, prefer, require (unverified) or verify-full. If there are several hosts, separated by
   * commas, they are tried in turn until one takes writes (`?target_session_attrs=read-write`, which a URL with one host may
   * set as well). Not needed with an embedded database.
   */
  readonly url?: string | undefined
  /** Connections of `sql`. */
  readonly poolSize: number
  /** Clients that write message batches. */
  readonly lanes: number
  /**
   * Whether to use prepared statements. False for poolers that hand each transaction to another connection and do not track
   * them; each statement with parameters then takes two round trips.
   */
  readonly prepare: boolean
  /** Milliseconds after which Postgres cancels a statement; 0 for never. See `connectDatabase`. */
  readonly statementTimeoutMs: number
}

export interface DatabaseClients {
  /** For everything but message batches. */
  readonly sql: Sql
  /** Clients of one connection each, as many as were asked for. */
  readonly lanes: readonly Sql[]
  /** Makes a further client of one connection, which the caller closes. null for the embedded database: it has one connection. */
  readonly openOne: (() => Sql) | null
  /**
   * Moves all clients to new connections. Call it when a statement was left without an answer: what silenced one connection may
   * have silenced the others. Does nothing within 4 seconds of the last time.
   */
  renew(): void
  /**
   * Moves all clients to new connections. Call it when the server behind the connections no longer suits, as when another one has
   * become the primary. Called repeatedly, it backs off to 4 seconds between two replacements.
   */
  replace(): void
  /** Waits up to a second for statements under way, then closes every connection. */
  close(): Promise<void>
}

/**
 * Returns clients that connect on first use and reconnect with jittered backoff of at most 2 seconds. A statement fails if the
 * attempt to connect for it fails, as do the statements that wait behind it. A statement that is never answered waits for ever:
 * set a deadline around it.
 *
 * An embedded database has one connection: `sql` and the only lane are the same client, and the options are ignored.
 *
 * The statement timeout and `jit = off` (compiling costs more than any of the statements takes) are start-up parameters of a
 * connection. PgBouncer refuses them unless it has `ignore_startup_parameters = statement_timeout,jit`, so they are sent only if
 * prepared statements are used. Otherwise set them on the database role:
 * `alter role parley set statement_timeout = '10s'; alter role parley set jit = off`.
 *
 * Raw queries return bigint and bigint[] as number and number[], and timestamptz, timestamp and date as Postgres's text.
 * `drizzle(sql)` changes its client further, for good: from then on times and JSON are returned as text, too.
 */
export function connectDatabase(options: DatabaseOptions, embedded?: EmbeddedConnection): DatabaseClients {
  return embedded === undefined ? connectServer(options) : connectEmbedded(embedded)
}

function connectEmbedded(connection: EmbeddedConnection): DatabaseClients {
  const sql = postgres({ ...common, ...connection, ssl: false, max: 1, max_lifetime: null })
  return {
    sql,
    lanes: [sql],
    openOne: null,
    // Its one connection stays within the process, and its server lives as long as the process.
    renew: () => undefined,
    replace: () => undefined,
    close: () => sql.end({ timeout: CLOSE_SECONDS }),
  }
}

function connectServer({
  url,
  poolSize,
  lanes,
  prepare,
  statementTimeoutMs,
}: DatabaseOptions): DatabaseClients {
  if (url === undefined) throw new TypeError('There is neither a database URL nor an embedded database')
  const timeout = statementTimeoutMs > 0 ? { statement_timeout: statementTimeoutMs } : {}
  // The driver does not send a parameter that is false.
  const session = prepare ? { jit: 'off', ...timeout } : {}
  const target = hasSeveralHosts(url) && !url.includes('target_session_attrs=') ? WRITABLE : {}
  const server = {
    ...common,
    ...target,
    ...(prepare ? {} : ONE_AT_A_TIME),
    prepare,
    connection: { application_name: 'parley', ...session },
  }
  const openOne = () => postgres(url, { ...server, max: 1 })
  const pool = renewable(
    () => postgres(url, { ...server, max: poolSize, idle_timeout: IDLE_SECONDS }),
    RENEW_MS,
  )
  // A lane never closes an idle connection: its prepared statements would go with it.
  const writers = Array.from({ length: lanes }, () => renewable(openOne, RENEW_MS))
  const all = [pool, ...writers]
  return {
    sql: pool.sql,
    lanes: writers.map((writer) => writer.sql),
    openOne,
    renew() {
      for (const each of all) each.renew()
    },
    replace: afterPauses(() => {
      for (const each of all) each.replace()
    }),
    async close() {
      await Promise.all(all.map((each) => each.sql.end({ timeout: CLOSE_SECONDS })))
    },
  }
}

function hasSeveralHosts(url: string): boolean {
  return /^\w+:\/\/(?:[^/?]*@)?([^/?@]*)(?:[/?]|$)/.exec(url)?.[1]?.includes(',') ?? false
}

/**
 * Without prepared statements the driver describes a statement before it runs it. If it did so while an earlier statement is
 * under way, the answer could be lost: once that one is answered, a pooler hands the session to another client.
 */
const ONE_AT_A_TIME = { max_pipeline: 0 }
const WRITABLE = { target_session_attrs: 'read-write' } as const

/** Returns a function that runs at once, and that does nothing if called again within a pause, which grows. */
function afterPauses(run: () => void): () => void {
  let pauseMs = 0
  let ranAt = Number.NEGATIVE_INFINITY
  return () => {
    const sinceMs = performance.now() - ranAt
    if (sinceMs < pauseMs) return
    pauseMs = sinceMs > FORGOTTEN_MS ? FIRST_PAUSE_MS : Math.min(2 * pauseMs, MOST_PAUSE_MS)
    ranAt = performance.now()
    run()
  }
}

const FIRST_PAUSE_MS = 250
const MOST_PAUSE_MS = 4000
/** Milliseconds without a replacement after which the backoff starts anew. */
const FORGOTTEN_MS = 30_000
/** The least time between two renewals of a client, milliseconds. */
const RENEW_MS = 4000
/** No statement runs any more when the clients close; the driver would wait in vain for connections that an outage left half open. */
const CLOSE_SECONDS = 1
const IDLE_SECONDS = 300

const common = {
  connect_timeout: 5,
  // Fetching the array types costs each new connection a round trip. The types in use are below.
  fetch_types: false,
  backoff: (attempts: number) => (0.5 + Math.random() / 2) * Math.min(3 ** attempts / 100, 2),
  onnotice: ignore,
  types: {
    bigint: { to: 20, from: [20], parse: Number, serialize: String },
    bigints: { to: 1016, from: [1016], parse: fromNumberArray, serialize: arrayAsText },
    texts: { to: 1009, from: [], parse: String, serialize: arrayAsText },
    time: { to: 1184, from: [1082, 1114, 1184], parse: String, serialize: asText },
  },
}

/** Whole columns arrive here in Postgres's notation already. */
function arrayAsText(values: readonly (number | string)[] | string): string {
  return typeof values === 'string' ? values : toArray(values)
}

function asText(time: Date | string): string {
  return time instanceof Date ? time.toISOString() : time
}

/** Ignores notices: they say that a table exists already, and the like. */
function ignore(): undefined {
  return undefined
}
