import type { Sql } from 'postgres'

export interface UpkeepOptions {
  /** Hears of a round that failed. The next one tries again. */
  readonly onError: (error: unknown) => void
  /** Milliseconds from the start of one round to the start of the next. */
  readonly everyMs?: number
  /** Bytes that the log grows by from one checkpoint to the next. */
  readonly logBytes?: number
  /** Rows of a table that change before it is vacuumed; to them comes a fifth of the table, 100,000 at most. */
  readonly changedRows?: number
}

export interface Upkeep {
  /** Resolves when the round that is under way, if any, is over. */
  stop(): Promise<void>
}

/**
 * Does for an embedded database what Postgres leaves to other processes, which it has not: without checkpoints its log
 * would grow for ever, and all of it would be replayed at the start after a crash; without vacuum and analyze, dead rows
 * would stay and plans would be guesses. Other statements wait for each step: some 200 ms at the default sizes.
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
