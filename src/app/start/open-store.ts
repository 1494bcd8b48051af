import type { Config } from '../../config.ts'
import type { Store, TakeTurn } from '../../core/index.ts'
import type { Logger } from '../../server/index.ts'
import { openDatabase } from '../../store/connection/index.ts'
import { createStore } from '../../store/index.ts'

export interface OpenStore {
  readonly store: Store
  close(): Promise<void>
}

/**
 * Opens the database with the schema that this build knows. Outages are logged.
 *
 * @param onFatal called when the embedded database has ended: nothing can be read or written any more
 * @throws as `openDatabase` does
 */
export async function openStore(
  config: Config,
  migrations: string,
  log: Logger,
  onFatal: (error: Error) => void,
  takeTurn: TakeTurn,
): Promise<OpenStore> {
  const { sql, lanes, renew, replace, close } = await openDatabase({
    database: config.database,
    dataDir: config.dataDir,
    migrate: config.mode !== 'production',
    migrations,
    onCrash: onFatal,
    onWait: ({ code, cause }) =>
      log.warn({ code, cause, deadlineMs: config.database.startDeadlineMs }, 'waiting for the database'),
    onWarning: (text) => log.warn(text),
    onUpkeepError: (error) =>
      log.warn({ err: error }, 'upkeep of the embedded database failed; it will be tried again'),
  })
  const store = createStore(sql, lanes, {
    queryTimeoutMs: config.database.statementTimeoutMs + 1000,
    appendTimeoutMs: config.sends.deadlineMs,
    revisionsKept: config.limits.revisionsKept,
    revisionsDays: config.limits.revisionsDays,
    renew,
    replace,
    takeTurn,
    onOutage: ({ code, cause }) =>
      log.error({ code, cause }, 'the database is unavailable: clients are asked to retry'),
    onRecovery: (lastedMs) =>
      log.info({ lasted_ms: Math.round(lastedMs) }, 'the database is available again'),
  })
  return { store, close }
}
