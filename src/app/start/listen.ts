import type { Config } from '../../config.ts'
import type { Clock } from '../../core/index.ts'
import { type Certificate, type Edge, type Logger, socketHandlers, withoutSlash } from '../../server/index.ts'
import type { Sockets } from './open-sockets.ts'
import { socketOptions } from './socket-options.ts'

/** The addresses of the server on this machine. */
export interface Listening {
  readonly port: number
  /** null if there is no certificate. */
  readonly tlsPort: number | null
  readonly api: string
  readonly docs: string
  /** The URL of the built-in web client. */
  readonly web: string
  /** The address of v2's socket, which serves all rooms. */
  readonly sockets: string
}

export interface ListenParts {
  readonly edge: Edge
  readonly sockets: Sockets
  readonly certificate: Certificate | null
  readonly clock: Clock
  readonly log: Logger
}

/** Opens the ports. @throws SetupError if one cannot be opened */
export function listen(config: Config, { edge, sockets, certificate, clock, log }: ListenParts): Listening {
  const { connections, listener, slowReaders } = sockets
  const handlers = socketHandlers(connections, slowReaders, clock, log, socketOptions(config))
  const { host, port, httpIdleSeconds: idleSeconds, basePath } = config.server
  const plain = listener.listen(
    { variable: 'PORT', host, port, idleSeconds, certificate: null },
    edge,
    handlers,
  )
  const tlsPort =
    certificate &&
    listener.listen(
      { variable: 'TLS_PORT', host, port: config.tls.port, idleSeconds, certificate },
      edge,
      handlers,
    )
  const place = `${host.includes(':') ? `[${host}]` : host}:${plain}${withoutSlash(basePath)}`
  return {
    port: plain,
    tlsPort,
    web: `http://${place}/`,
    api: `http://${place}`,
    docs: `http://${place}/docs`,
    sockets: `ws://${place}/api/v2/socket`,
  }
}
