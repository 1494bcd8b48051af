import type { Server as BunServer, WebSocketHandler } from 'bun'
import { ChatError } from '../../core/index.ts'
import type { Connection, Connections } from '../sockets/index.ts'
import type { Addresses } from './address.ts'
import type { Certificate } from './certificate.ts'
import type { Edge } from './edge.ts'
import { type ListenPlace, listenFailure } from './listen-failure.ts'

export interface ListenOptions extends ListenPlace {
  /** 0 takes any free port. */
  readonly port: number
  /** How long a connection may be silent, between requests or within one, before it is closed. */
  readonly idleSeconds: number
  /** Speaks TLS where there is one. */
  readonly certificate: Certificate | null
}

/** The ports that the process listens on. Requests, sockets and topics of all of them come together here. */
export function createListener(connections: Connections, addresses: Addresses) {
  /** Those that listen, and those that do not any more but still have connections. */
  const servers = new Set<BunServer<Connection>>()
  /** Those that listen, and what listens again after a pause. */
  const ports: Port[] = []
  /** How a request came in: the upgrade and the peer's address are asked there. */
  const sources = new WeakMap<Request, Source>()

  function peer(request: Request): string {
    return sources.get(request)?.server.requestIP(request)?.address ?? ''
  }

  function receive(request: Request, server: BunServer<Connection>): void {
    sources.set(request, { server, url: request.url })
    makeRoutable(request)
  }

  function address(request: Request): string {
    return addresses.client(peer(request), request.headers.get('x-forwarded-for'))
  }

  function secure(request: Request): boolean {
    if (request.url.startsWith('https:')) return true
    return request.headers.get('x-forwarded-proto') === 'https' && addresses.trusted(peer(request))
  }

  return {
    limitKey: (request: Request) => addresses.limitKey(address(request)),

    secure,

    publicUrl(request: Request): URL {
      // Where there was no Host, there is only the name that the request goes by here.
      const url = URL.parse(sources.get(request)?.url ?? '') ?? new URL(request.url)
      if (secure(request)) url.protocol = 'https:'
      return url
    },

    expectUpgrade(request: Request): void {
      const { headers } = request
      if (headers.get('upgrade')?.toLowerCase() !== 'websocket') {
        throw new ChatError('invalid', 'This path is for WebSocket connections')
      }
      // RFC 6455, 4.2.1: a key is 16 bytes in base64. Bun would answer another version by itself, past every contract.
      const key = headers.get('sec-websocket-key') ?? ''
      if (headers.get('sec-websocket-version') !== '13' || !/^[+/0-9A-Za-z]{22}==$/.test(key)) {
        throw new ChatError('invalid', 'The WebSocket handshake is not valid')
      }
      connections.expectRoom(addresses.limitKey(address(request)))
    },

    upgrade(request: Request, connection: Connection): Response {
      connection.limitKey = addresses.limitKey(address(request))
      connections.admit(connection)
      if (sources.get(request)?.server.upgrade(request, { data: connection }) !== true) {
        connections.release(connection)
        throw new ChatError('invalid', 'The WebSocket handshake is not valid')
      }
      // Bun has answered already; this is never sent.
      return new Response(null, { status: 101 })
    },

    publish(topic: string, text: string): void {
      // The answer is the state of the worst subscriber, so it says nothing to act on.
      for (const server of servers) server.publish(topic, text)
    },

    /** @returns the port @throws SetupError if it cannot be had */
    listen(options: ListenOptions, edge: Edge, websocket: WebSocketHandler<Connection>): number {
      const open = (port: number) => serve({ ...options, port }, edge, websocket)
      const server = open(options.port)
      const port = server.port ?? options.port
      ports.push({ server, open: () => open(port) })
      return port
    },

    /** Whether new connections are accepted. */
    get accepting(): boolean {
      return ports.every(({ server }) => server !== null)
    },

    /** Closes connections that have had an answer and wait for nothing. */
    closeIdle(): void {
      for (const server of servers) server.closeIdleConnections()
    },

    /**
     * No new connections. Idle ones are closed, those with a request under way when it has its answer; sockets stay.
     * Idempotent.
     */
    pause,

    /** Accepts connections again, on the same ports. @throws if a port cannot be had */
    resume(): void {
      for (const port of ports) port.server ??= port.open()
    },

    /** Resolves once every request has its answer, or after `ms`: a request that is only half sent never has one. */
    async answered(ms: number): Promise<void> {
      const deadline = performance.now() + ms
      while ([...servers].some((server) => server.pendingRequests > 0) && performance.now() < deadline) {
        await Bun.sleep(5)
      }
    },

    /** Cuts whatever is left. */
    async stop(): Promise<void> {
      pause()
      await Promise.all([...servers].map((server) => server.stop(true)))
    },
  }

  function pause(): void {
    for (const port of ports) {
      const { server } = port
      port.server = null
      // Not awaited: it resolves when the last of its sockets has closed.
      void server?.stop(false).then(() => servers.delete(server))
    }
  }

  function serve(
    options: ListenOptions,
    edge: Edge,
    websocket: WebSocketHandler<Connection>,
  ): BunServer<Connection> {
    try {
      const server: BunServer<Connection> = Bun.serve<Connection>({
        hostname: options.host,
        port: options.port,
        reusePort: false,
        ...(options.certificate === null ? {} : { tls: options.certificate }),
        idleTimeout: options.idleSeconds,
        // Bodies are bounded where they are read, so that the refusal has the contract's shape.
        maxRequestBodySize: Number.MAX_SAFE_INTEGER,
        development: false,
        error: () => Response.json({ detail: 'Internal server error' }, { status: 500 }),
        websocket,
        fetch(request, from) {
          if (hasLongHost(request)) return refusedHost()
          receive(request, from)
          return edge(request, address(request))
        },
      })
      servers.add(server)
      return server
    } catch (error) {
      throw listenFailure(error, options)
    }
  }
}

interface Port {
  /** null while it does not listen. */
  server: BunServer<Connection> | null
  /** Listens again. */
  readonly open: () => BunServer<Connection>
}

/**
 * Elysia looks for the path from the eleventh character of the URL on, so it misses one that begins earlier, as after
 * `http://db`. Such a request goes on under a longer name. It stays the same object: a copy of a request has another body,
 * which Bun neither ends nor times out with the connection.
 */
function makeRoutable(request: Request): void {
  const { url } = request
  // Without a Host, as from old load balancers, there is only a path.
  const path = url.startsWith('/') ? 0 : url.indexOf('/', 8)
  if (path === -1 || path >= 11) return
  Object.defineProperty(request, 'url', { value: `http://localhost${url.slice(path)}` })
}

/** Reading the URL of a request parses it, which takes 20 ms for a Host of 15,000 characters that stand for marks. */
function hasLongHost({ headers }: Request): boolean {
  return (headers.get('host')?.length ?? 0) > MOST_HOST
}

/** As Bun answers what is no request: which contract was meant is not known before the URL is read. */
function refusedHost(): Response {
  return new Response(null, { status: 400, headers: { connection: 'close' } })
}

/** A name in the DNS has at most 253 characters, and a port six with its colon. */
const MOST_HOST = 259

interface Source {
  readonly server: BunServer<Connection>
  /** As Bun gave it. */
  readonly url: string
}
