import type { Server as BunServer, WebSocketHandler } from 'bun'
import { ChatError } from '../../core/index.ts'
import type { Connection, Connections } from '../sockets/index.ts'
import type { Addresses } from './address.ts'
import type { Certificate } from './certificate.ts'
import type { Edge } from './edge.ts'
import { type ListenPlace, listenFailure } from './listen-failure.ts'
import { setUrl } from './request-url.ts'

export interface ListenOptions extends ListenPlace {
  /** 0 takes any free port. */
  readonly port: number
  /** Seconds for which a connection may be silent, between requests or within one, before it is closed. */
  readonly idleSeconds: number
  /** null for a port without TLS. */
  readonly certificate: Certificate | null
}

/**
 * Listens on the ports of the process. All ports share their requests, sockets and topics.
 * @param basePath the path below which clients see the server, without a slash at its end
 */
export function createListener(connections: Connections, addresses: Addresses, basePath = '') {
  /** Servers that listen, and former ones that still have connections. */
  const servers = new Set<BunServer<Connection>>()
  /** The ports, to listen on again after a pause. */
  const ports: Port[] = []
  /** The server that a request came in by: it upgrades the request and knows the peer's address. */
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
      // Without a Host header only the name that this server gave the request is known.
      const url = URL.parse(sources.get(request)?.url ?? '') ?? new URL(request.url)
      if (secure(request)) url.protocol = 'https:'
      // The request's own URL may have lost the base path, in a proxy or here.
      url.pathname = basePath + new URL(request.url).pathname
      return url
    },

    basePath: (_request: Request) => basePath,

    expectUpgrade(request: Request): void {
      const { headers } = request
      if (headers.get('upgrade')?.toLowerCase() !== 'websocket') {
        throw new ChatError('invalid', 'This path is for WebSocket connections')
      }
      // RFC 6455, 4.2.1: a key is 16 bytes in base64. Bun would answer other versions by itself, in no contract's shape.
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
      // Bun has already answered; this response is never sent.
      return new Response(null, { status: 101 })
    },

    publish(topic: string, text: string): void {
      // `publish` returns the state of the slowest subscriber, which calls for no action here.
      for (const server of servers) server.publish(topic, text)
    },

    /** Listens on a port. @returns its number @throws SetupError if that fails */
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

    /** Closes the connections that have had an answer and have no request under way. */
    closeIdle(): void {
      for (const server of servers) server.closeIdleConnections()
    },

    /**
     * Accepts no new connections. Idle ones are closed at once, others after the answer that is under way; sockets stay. Idempotent.
     */
    pause,

    /** Accepts connections again, on the same ports. @throws if a port cannot be listened on */
    resume(): void {
      for (const port of ports) port.server ??= port.open()
    },

    /** Resolves once every request has its answer, or after `ms`: a request that is only half sent never gets one. */
    async answered(ms: number): Promise<void> {
      const deadline = performance.now() + ms
      while ([...servers].some((server) => server.pendingRequests > 0) && performance.now() < deadline) {
        await Bun.sleep(5)
      }
    },

    /** Cuts the connections that are left. */
    async stop(): Promise<void> {
      pause()
      await Promise.all([...servers].map((server) => server.stop(true)))
    },
  }

  function pause(): void {
    for (const port of ports) {
      const { server } = port
      port.server = null
      // Not awaited: it resolves only when the last of its sockets has closed.
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
        // `bodies` bounds bodies, so that the refusal has the contract's shape.
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
  /** Starts to listen again. */
  readonly open: () => BunServer<Connection>
}

/**
 * Elysia searches the path from the eleventh character of the URL on, so it misses a path that begins earlier, as after `http://db`.
 * Such a request gets a URL with a longer host.
 */
function makeRoutable(request: Request): void {
  const { url } = request
  // Without a Host header, as from old load balancers, the URL is only a path.
  const path = url.startsWith('/') ? 0 : url.indexOf('/', 8)
  if (path === -1 || path >= 11) return
  setUrl(request, `http://localhost${url.slice(path)}`)
}

/** Checked first, because parsing the URL takes 20 ms if the Host has 15,000 characters that encode Unicode marks. */
function hasLongHost({ headers }: Request): boolean {
  return (headers.get('host')?.length ?? 0) > MOST_HOST
}

/** The same answer that Bun gives to malformed requests: without the URL the contract is unknown. */
function refusedHost(): Response {
  return new Response(null, { status: 400, headers: { connection: 'close' } })
}

/** A name in the DNS has at most 253 characters, and a port six with its colon. */
const MOST_HOST = 259

interface Source {
  readonly server: BunServer<Connection>
  /** The URL that Bun gave. */
  readonly url: string
}
