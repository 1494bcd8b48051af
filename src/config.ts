/*
 * The configuration: the environment read once, checked, typed and frozen. Its parts are in `config/`, where `table.ts` is
 * the one list of variables, from which the documentation is made.
 *
 * Imports its own parts, and small libraries; nothing else of src.
 */
import { ConfigError } from './config/config-error.ts'
import { misspelled } from './config/misspelled.ts'
import { mode, settings } from './config/table.ts'
import type { Environment } from './config/variable.ts'

export { ConfigError } from './config/config-error.ts'

/** Every setting, typed and deeply frozen; src/config/table.ts says what each one is. */
export type Config = ReturnType<typeof settings.read>

/** Unknown variables are ignored: see `likelyMistakes`. Throws ConfigError at the first wrong value or pair of values. */
export function loadConfig(env: Environment): Config {
  const production = mode.read({ env, production: false }) === 'production'
  const config = settings.read({ env, production })
  requireConsistency(config)
  return config
}

/** A line for each variable that is no setting, but was probably meant to be one. */
export function likelyMistakes(env: Environment): string[] {
  return misspelled(
    env,
    settings.groups.flatMap(({ variables }) => variables.map(({ name }) => name)),
  )
}

function requireConsistency(config: Config): void {
  const { database, drainDelayMs, limits, redis, shutdownDeadlineMs, socket, tls } = config
  if (redis.url !== undefined && database.url === undefined) {
    throw new ConfigError('REDIS_URL needs DATABASE_URL: the embedded database is of one node')
  }
  if ((tls.certFile === undefined) !== (tls.keyFile === undefined)) {
    throw new ConfigError('TLS_CERT_FILE and TLS_KEY_FILE must be set together')
  }
  // One unanswered ping must fit in the silence that is allowed, or healthy clients would be closed.
  if (socket.pongDeadlineMs <= socket.pingMs) {
    throw new ConfigError(
      `SOCKET_PONG_DEADLINE_MS must be more than SOCKET_PING_MS (${socket.pingMs}), but is ${socket.pongDeadlineMs}`,
    )
  }
  if (shutdownDeadlineMs <= drainDelayMs) {
    throw new ConfigError(
      `SHUTDOWN_DEADLINE_MS must be more than DRAIN_DELAY_MS (${drainDelayMs}), but is ${shutdownDeadlineMs}`,
    )
  }
  const longestMessage = limits.maxMessageLength * utf8BytesPerCodePoint + envelopeBytes
  if (limits.maxBodyBytes < longestMessage) {
    throw new ConfigError(
      `MAX_BODY_BYTES must be at least ${longestMessage} to hold a message of MAX_MESSAGE_LENGTH (${limits.maxMessageLength}), but is ${limits.maxBodyBytes}`,
    )
  }
  // What one client may send must reach the others without making each of them count as slow.
  if (socket.backpressureBytes < limits.maxBodyBytes) {
    throw new ConfigError(
      `SOCKET_BACKPRESSURE_BYTES must be at least MAX_BODY_BYTES (${limits.maxBodyBytes}), but is ${socket.backpressureBytes}`,
    )
  }
}

const utf8BytesPerCodePoint = 4
/** Room for the JSON around a message's text: keys, a room's name, a client id. */
const envelopeBytes = 512
