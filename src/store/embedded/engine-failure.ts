import type { PGlite } from '@electric-sql/pglite'

/**
 * Calls `fail` when the engine is beyond repair: after a panic of Postgres, a trap of WebAssembly or an error in PGlite itself.
 * PGlite swallows the first two and calls the dead engine for ever; its socket server drops the third and answers nothing more. So
 * `fail` must end the thread.
 */
export function onEngineFailure(database: PGlite, fail: (error: unknown) => never): void {
  const engine = database.Module
  const runOnce = engine._PostgresMainLoopOnce
  engine._PostgresMainLoopOnce = () => {
    try {
      runOnce()
    } catch (error) {
      if (!isSqlError(error)) fail(error)
      throw error
    }
  }
  const execute = database.execProtocolRawStream.bind(database)
  database.execProtocolRawStream = (...args) => execute(...args).catch(fail)
}

/** Returns whether it is an ordinary error of a statement, which PGlite sends to the client. */
function isSqlError(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'status' in error && error.status === LONG_JUMP
}

const LONG_JUMP = 100
