import type { Sql } from 'postgres'

export interface UpkeepOptions {
  /** Called when a round failed. The next one retries. */
  readonly onError: (error: unknown) => void
  /** Milliseconds from the start of one round to the start of the next. */
  readonly everyMs?: number
  /** Bytes by which the log grows between two checkpoints. */
  readonly logBytes?: number
  /** Changed rows after which a table is vacuumed; a fifth of its rows, at most 100,000, is added to that. */
  readonly changedRows?: number
}

export interface Upkeep {
  /** Begins no further round; resolves when none is under way. */
  stop(): Promise<void>
}

/**
 * Does for an embedded database what Postgres leaves to background processes, which the embedded one lacks. Without checkpoints its
 * log would grow for ever, and a start after a crash would replay all of it. Without vacuum and analyze, dead rows would stay and
 * plans would be guesses. Other statements wait for each step: some 200 ms at the default sizes.
 */
export function startUpkeep(sql: Sql, options: UpkeepOptions): Upkeep {
  const { onError, everyMs = 5000, logBytes = 64 * 2 ** 20, changedRows = 1000 } = options
  let round: Promise<void> | undefined
  const timer = setInterval(() => {
    round ??= work(sql, logBytes, changedRows)
      .catch(onError)
      .finally(() => {
        round = undefined
      })
  }, everyMs)
  timer.unref()
  return {
    async stop() {
      clearInterval(timer)
      await round
    },
  }
}

async function work(sql: Sql, logBytes: number, changedRows: number): Promise<void> {
  const tables = await sql<{ name: string }[]>`
    select format('%I.%I', schemaname, relname) as name
    from pg_stat_user_tables
    where greatest(n_mod_since_analyze, n_ins_since_vacuum + n_dead_tup)
      > ${changedRows} + least(0.2 * n_live_tup, 100000)`
  for (const { name } of tables) await sql.unsafe(`vacuum (analyze) ${name}`)
  const [log] = await sql<{ due: boolean }[]>`
    select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), redo_lsn) > ${logBytes} as due from pg_control_checkpoint()`
  if (log?.due) await sql`checkpoint`
}
