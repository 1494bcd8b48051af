/*
 * The process: reads the environment, starts the server, minds the signals. The only user of `process`.
 */
import { type App, createApp } from './app.ts'
import { loadConfig } from './config.ts'
import { createLogger, failureLine } from './server/index.ts'

async function main(): Promise<void> {
  const config = loadConfig(process.env)
  const log = createLogger(config.log)
  let app: App | null = null
  let stopping = false

  function stop(reason: string, code: number): void {
    if (stopping) return
    stopping = true
    log.info({ reason }, 'stopping')
    // Still starting: there is nothing to settle, and what the database was doing it undoes itself.
    if (app === null) process.exit(code)
    // Whatever hangs, the process ends in time.
    setTimeout(() => process.exit(code === 0 ? 1 : code), config.shutdownDeadlineMs).unref()
    app.close().then(
      () => process.exit(code),
      () => process.exit(1),
    )
  }

  process.on('SIGTERM', () => stop('SIGTERM', 0))
  process.on('SIGINT', () => stop('SIGINT', 0))
  process.on('uncaughtException', (error) => {
    log.fatal({ err: error }, 'an uncaught exception')
    stop('fault', 1)
  })
  process.on('unhandledRejection', (error) => {
    log.fatal({ err: error }, 'an unhandled rejection')
    stop('fault', 1)
  })

  app = await createApp(config, log, (error) => {
    log.fatal({ err: error }, error.message)
    stop('fault', 1)
  })
  const addresses = app.listen()
  if (config.v1.trustIds) {
    log.warn('V1_TRUST_IDS is on: /api/v1 lets anyone speak as a user without a password by naming its id')
  }
  log.info({ ...addresses, database: config.database.url === undefined ? 'embedded' : 'postgres' }, 'ready')
}

main().catch((error: unknown) => {
  process.stderr.write(`parley: ${failureLine(error, process.env)}\n`)
  process.exit(1)
})
