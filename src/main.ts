/*
 * The process: reads the environment, starts the server and handles signals. The only user of `process`.
 */
import { startLine } from './app/start/index.ts'
import { type App, createApp } from './app.ts'
import { likelyMistakes, loadConfig } from './config.ts'
import { createLogger, failureLine } from './server/index.ts'

/** How long writing the last lines of the log may take. Milliseconds. */
const LAST_LINES_MS = 500

async function main(): Promise<void> {
  const config = loadConfig(process.env)
  const log = createLogger(config.log)
  for (const line of likelyMistakes(process.env)) log.warn(line)
  let app: App | null = null
  /** When the stop began; null before that. */
  let stoppingSince: number | null = null
  let ending = false

  function stop(reason: string, code: number): void {
    if (stoppingSince !== null) return
    stoppingSince = performance.now()
    // After a fault, stop without waiting for load balancers.
    const drainMs = code === 0 ? config.drainDelayMs : 0
    log.info({ reason, drainMs, deadlineMs: config.shutdownDeadlineMs }, 'stopping')
    // Still starting: no requests to finish, and the database rolls back open transactions by itself.
    if (app === null) {
      end('stopped before it was ready', code)
      return
    }
    // Even if something hangs, the process exits in time.
    setTimeout(
      () => end('stopped by SHUTDOWN_DEADLINE_MS before everything was settled', 1),
      config.shutdownDeadlineMs,
    ).unref()
    app.close(drainMs).then(
      () => end('stopped', code),
      (error: unknown) => {
        log.error({ err: error }, 'the shutdown failed')
        end('stopped before everything was settled', 1)
      },
    )
  }

  function end(message: string, code: number): void {
    if (ending) return
    ending = true
    const ms = Math.round(performance.now() - (stoppingSince ?? 0))
    log[code === 0 ? 'info' : 'error']({ ms, code }, message)
    // Exiting now would lose a line that is being written. The time limit is for a log that nobody reads.
    setTimeout(() => process.exit(code), LAST_LINES_MS).unref()
    log.flush(() => process.exit(code))
  }

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (stoppingSince === null) stop(signal, 0)
      else end(`stopped by a second ${signal} before everything was settled`, 1)
    })
  }
  process.on('uncaughtException', (error) => {
    log.fatal({ err: error }, 'uncaught exception: the process stops')
    stop('fault', 1)
  })
  process.on('unhandledRejection', (error) => {
    log.fatal({ err: error }, 'unhandled rejection: the process stops')
    stop('fault', 1)
  })

  // A process that shows no certificate of the operator's has nothing to read again: a terminal that is closed still ends it.
  if (config.tls.certFile !== undefined) process.on('SIGHUP', () => void app?.renewCertificate())

  app = await createApp(config, log, (error) => {
    log.fatal({ err: error }, error.message)
    stop('fault', 1)
  })
  const addresses = app.listen()
  if (config.v1.trustIds) {
    log.warn('V1_TRUST_IDS is on: on /api/v1 anyone can act as a user who has no password by sending the id')
  }
  log.info({ ...startLine(config), ...addresses }, 'ready')
}

main().catch((error: unknown) => {
  process.stderr.write(`parley: ${failureLine(error)}\n`)
  process.exit(1)
})
