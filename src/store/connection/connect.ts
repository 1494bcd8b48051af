import postgres, { type Sql } from 'postgres'
import type { EmbeddedConnection } from '../embedded/index.ts'
import { fromNumberArray, toArray } from '../sql/index.ts'
import { renewable } from './renewable.ts'

export interface DatabaseOptions {
  /**
   * `postgres://…`; `?sslmode=` disable, prefer, require (unverified) or verify-full. Several hosts, separated by commas, are
   * tried in turn until one takes writes (`?target_session_attrs=read-write`, which one host may ask for as well). Not needed
   * with an embedded database.
   */
  readonly url?: string | undefined
  /** Connections of `sql`. */
  readonly poolSize: number
  /** Clients that write message batches. */
  readonly lanes: number
  /**
   * False for poolers that hand each transaction to another connection and do not track prepared statements. Each
   * statement with parameters then takes two round trips.
   */
  readonly prepare: boolean
  /** After which Postgres cancels a statement; 0 for never. See `connectDatabase`. */
  readonly statementTimeoutMs: number
}

export interface DatabaseClients {
  /** For everything but message batches. */
  readonly sql: Sql
  /** Clients of one connection each, as many as were asked for. */
  readonly lanes: readonly Sql[]
  /** Makes a further client of one connection, which its caller closes. Null for the embedded database, which has but one. */
  readonly openOne: (() => Sql) | null
  /**
   * A statement was left without an answer: all clients go on over new connections, since what has silenced one connection
   * may have silenced the others. At most once in so many seconds.
   */
  renew(): void
  /**
   * The server behind the connections does not suit any more, as when another one has become the primary: all clients go on
   * over new connections, after pauses that grow to 4 seconds if the new ones do not suit either.
   */
  replace(): void
  /** Lets statements that are under way finish, for a second at most, then closes every connection. */
  close(): Promise<void>
}

/**
 * Clients that connect when first used, and again after growing random pauses of at most 2 seconds if the server was away. A
 * statement that meets no server fails with the attempt to connect, as do those that wait behind it. A statement that is
 * never answered waits for ever: set a deadline around it.
 *
 * An embedded database has one connection: `sql` and the only lane are the same client, and the options are ignored.
 *
 * The statement timeout, and that statements are not compiled first (which costs more than any of them), are parameters of
 * the connection's start, which PgBouncer refuses unless it is told `ignore_startup_parameters = statement_timeout,jit`. So
 * they are sent with prepared statements only; without them set them on the database role:
 * `alter role parley set statement_timeout = '10s'; alter role parley set jit = off`.
 *
 * Raw queries get bigint and bigint[] as number and number[], timestamptz, timestamp and date as Postgres's text.
 * `drizzle(sql)` changes its client further, for good: times and JSON are then given as text, too.
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
    // Its one connection is within the process, and its server is not killed without it.
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
  // The driver leaves out what is false.
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
  // A lane keeps its connection, and with it its prepared statements, however long nobody writes.
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
 * A statement with parameters is asked about before it is run. Sent while an earlier one is under way, the question can be
 * lost: once that one is answered, a pooler takes the session away, with the answer that is on its way.
 */
const ONE_AT_A_TIME = { max_pipeline: 0 }
const WRITABLE = { target_session_attrs: 'read-write' } as const

/** Runs at once, and while it is called again and again after pauses that grow. */
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
/** After so long without a replacement the next one counts as the first. */
const FORGOTTEN_MS = 30_000
/** The least time between two renewals of a client, in milliseconds. */
const RENEW_MS = 4000
/** Nothing runs any more by then; the driver would wait in vain for connections that an outage left half-way. */
const CLOSE_SECONDS = 1
const IDLE_SECONDS = 300

const common = {
  connect_timeout: 5,
  // Asking each new connection for the types of arrays costs a round trip. Those that are used are below.
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

/** Whole columns are sent in Postgres's notation already. */
function arrayAsText(values: readonly (number | string)[] | string): string {
  return typeof values === 'string' ? values : toArray(values)
}

function asText(time: Date | string): string {
  return time instanceof Date ? time.toISOString() : time
}

/** Notices say that a table exists already and the like. */
function ignore(): undefined {
  return undefined
}
