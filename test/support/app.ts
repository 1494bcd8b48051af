import type { Listening } from '../../src/app/start/index.ts'
import { createApp, type Overrides } from '../../src/app.ts'
import { loadConfig } from '../../src/config.ts'
import type { Chat, Core } from '../../src/core/index.ts'
import { loggerTo } from './log-lines.ts'
import { createMigratedDatabase } from './shared-postgres.ts'

export interface TestApp {
  /** The use cases, for actions that no contract offers. */
  readonly chat: Chat
  /** The core below the use cases. */
  readonly core: Core
  readonly url: string
  readonly wsUrl: string
  /** The addresses of the start line. */
  readonly listening: Listening
  /** Set if there is a certificate. */
  readonly tlsPort: number | null
  readonly databaseUrl: string
  /** Every log line so far, as text. */
  logs(): readonly string[]
  close(): Promise<void>
}

/**
 * The whole server in this process, on a free port and a database of its own (of the run's shared Postgres, unless
 * `DATABASE_URL` is given). Limits on requests and guesses are out of the way unless a test sets them.
 */
export async function startApp(
  env: Readonly<Record<string, string>> = {},
  overrides: Overrides = {},
): Promise<TestApp> {
  const databaseUrl = env.DATABASE_URL ?? (await createMigratedDatabase())
  const config = loadConfig({
    NODE_ENV: 'test',
    PORT: '0',
    DRAIN_DELAY_MS: '0',
    DATABASE_URL: databaseUrl,
    LOG_LEVEL: 'trace',
    RATE_REQUESTS_PER_MINUTE: '1000000',
    RATE_LOGINS_PER_MINUTE: '100000',
    RATE_REGISTRATIONS_PER_MINUTE: '100000',
    RATE_GUESTS_PER_MINUTE: '100000',
    RATE_MESSAGES_PER_SECOND: '1000000',
    RATE_MESSAGES_BURST: '1000000',
    ...env,
  })
  const { log, lines } = loggerTo(config.log.level)
  const app = await createApp(
    config,
    log,
    (error) => {
      throw error
    },
    overrides,
  )
  const listening = app.listen()
  const { port, tlsPort } = listening
  return {
    chat: app.chat,
    core: app.core,
    url: `http://127.0.0.1:${port}`,
    wsUrl: `ws://127.0.0.1:${port}`,
    listening,
    tlsPort,
    databaseUrl,
    logs: () => lines,
    close: () => app.close(),
  }
}
