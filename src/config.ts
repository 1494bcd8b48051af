/*
 * The configuration: the environment, read once, checked, typed and frozen. Its parts are in `config/`. `table.ts` there is the
 * only list of variables, and the documentation is generated from it.
 *
 * Imports its own parts and small libraries, and nothing else from src.
 */
import { ConfigError } from './config/config-error.ts'
import { misspelled } from './config/misspelled.ts'
import { mode, settings } from './config/table.ts'
import type { Environment } from './config/variable.ts'

export { ConfigError } from './config/config-error.ts'

/** Every setting, typed and deeply frozen. src/config/table.ts describes each one. */
export type Config = ReturnType<typeof settings.read>

/** Reads the settings. Ignores unknown variables, see `likelyMistakes`. @throws ConfigError at the first wrong value or combination */
export function loadConfig(env: Environment): Config {
  const production = mode.read({ env, production: false }) === 'production'
  const config = settings.read({ env, production })
  requireConsistency(config)
  return config
}

/** Returns a line for each variable that is not a setting, but was probably meant to be one. */
export function likelyMistakes(env: Environment): string[] {
  return misspelled(
    env,
    settings.groups.flatMap(({ variables }) => variables.map(({ name }) => name)),
  )
}

function requireConsistency(config: Config): void {
  const { database, drainDelayMs, limits, redis, shutdownDeadlineMs, socket, tls } = config
  if (redis.url !== undefined && database.url === undefined) {
    throw new ConfigError('REDIS_URL needs DATABASE_URL: the embedded database serves one node only')
  }
  if ((tls.certFile === undefined) !== (tls.keyFile === undefined)) {
    throw new ConfigError('TLS_CERT_FILE and TLS_KEY_FILE must be set together')
  }
  // The allowed silence must be longer than one ping interval, or the sockets of healthy clients would be closed.
  if (socket.pongDeadlineMs <= socket.pingMs) {
    throw new ConfigError(
      `SOCKET_PONG_DEADLINE_MS must be more than SOCKET_PING_MS (${socket.pingMs}), but is ${socket.pongDeadlineMs}`,
    )
  }
  requireUsefulCookies(config)
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
  // The largest frame that a client may send must not by itself make every recipient count as slow.
  if (socket.backpressureBytes < limits.maxBodyBytes) {
    throw new ConfigError(
      `SOCKET_BACKPRESSURE_BYTES must be at least MAX_BODY_BYTES (${limits.maxBodyBytes}), but is ${socket.backpressureBytes}`,
    )
  }
}

/** @throws ConfigError for cookies that browsers refuse, or that they never send here */
function requireUsefulCookies({ cookies, security, server }: Config): void {
  const { name, path, sameSite } = cookies
  if (/^__Host-/i.test(name) && (path ?? '/') !== '/') {
    throw new ConfigError(
      `SESSION_COOKIE_PATH must be / or unset for a SESSION_COOKIE_NAME that begins with __Host-, but is "${path}"`,
    )
  }
  const base = withSlash(server.basePath)
  // With no BASE_PATH, a proxy may tell the path with each request.
  if (path !== undefined && base !== '/' && !base.startsWith(withSlash(path))) {
    throw new ConfigError(
      `SESSION_COOKIE_PATH must be unset or a path to BASE_PATH (${server.basePath}), or browsers never send the cookie, but is "${path}"`,
    )
  }
  const secure =
    sameSite === 'none'
      ? 'SESSION_COOKIE_SAMESITE=none'
      : /^__(?:Secure|Host)-/i.test(name)
        ? `SESSION_COOKIE_NAME=${name}`
        : null
  if (secure !== null && security.publicUrl !== undefined && isRemoteHttp(security.publicUrl)) {
    throw new ConfigError(
      `${secure} needs HTTPS, because browsers refuse the cookie without, but PUBLIC_URL is "${security.publicUrl}"`,
    )
  }
}

function withSlash(path: string): string {
  return path.endsWith('/') ? path : `${path}/`
}

/** Browsers take their own machine for as safe as HTTPS. */
function isRemoteHttp(url: string): boolean {
  const { protocol, hostname } = new URL(url)
  return protocol === 'http:' && !/^(?:(?:.+\.)?localhost|127\.[\d.]+|\[::1\])$/.test(hostname)
}

const utf8BytesPerCodePoint = 4
/** For the JSON around a message's text: keys, a room's name, a client id. */
const envelopeBytes = 512
