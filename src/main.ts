/*
 * The process: reads the environment, starts the server, minds the signals. The only user of `process`.
 */
import { startLine } from './app/start/index.ts'
import { type App, createApp } from './app.ts'
import { likelyMistakes, loadConfig } from './config.ts'
import { createLogger, failureLine } from './server/index.ts'

/** How long the last lines of the log may take to be written. */
const LAST_LINES_MS = 500

async function main(): Promise<void> {
  const config = loadConfig(process.env)
  const log = createLogger(config.log)
  for (const line of likelyMistakes(process.env)) log.warn(line)
  let app: App | null = null
  /** When the stop began; null as long as it has not. */
  let stoppingSince: number | null = null
  let ending = false

  function stop(reason: string, code: number): void {
    if (stoppingSince !== null) return
    stoppingSince = performance.now()
    // What has failed is not to go on for longer than it must.
    const drainMs = code === 0 ? config.drainDelayMs : 0
    log.info({ reason, drainMs, deadlineMs: config.shutdownDeadlineMs }, 'stopping')
    // Still starting: there is nothing to settle, and what the database was doing it undoes itself.
    if (app === null) {
      end('stopped before it was ready', code)
      return
    }
    // Whatever hangs, the process ends in time.
    setTimeout(
      () => end('stopped by SHUTDOWN_DEADLINE_MS, before all was settled', 1),
      config.shutdownDeadlineMs,
    ).unref()
    app.close(drainMs).then(
      () => end('stopped', code),
      (error: unknown) => {
        log.error({ err: error }, 'the stop has failed')
        end('stopped, before all was settled', 1)
      },
    )
  }

  function end(message: string, code: number): void {
    if (ending) return
    ending = true
    const ms = Math.round(performance.now() - (stoppingSince ?? 0))
    log[code === 0 ? 'info' : 'error']({ ms, code }, message)
    // A line that is being written would go with the process. Nobody may read it, though.
    setTimeout(() => process.exit(code), LAST_LINES_MS).unref()
    log.flush(() => process.exit(code))
  }

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (stoppingSince === null) stop(signal, 0)
      else end(`stopped by a second ${signal}, before all was settled`, 1)
    })
  }
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
  log.info({ ...startLine(config), ...addresses }, 'ready')
}

main().catch((error: unknown) => {
  process.stderr.write(`parley: ${failureLine(error)}\n`)
  process.exit(1)
})
