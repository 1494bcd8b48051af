import type { Server as BunServer, WebSocketHandler } from 'bun'
import { ChatError } from '../../../core/index.ts'
import { type Addresses, type ClientSide, type ClientSides, hasLongHost } from '../../client-side/index.ts'
import { HttpProblem } from '../../problem.ts'
import type { Connection, Connections, Held } from '../../sockets/index.ts'
import type { Edge } from '../edge/index.ts'
import { type Certificate, tryOut } from './certificate.ts'
import { expectHandshake, lacksUpgrade } from './handshake.ts'
import { type ListenPlace, listenFailure } from './listen-failure.ts'
import { makeRoutable } from './routable.ts'

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
 * @param onLostUpgrade told of each WebSocket handshake that lost its Upgrade header on the way, and of the address that it came from
 */
export function createListener(
  connections: Connections,
  addresses: Addresses,
  clientSides: ClientSides,
  onLostUpgrade: (peer: string) => void = () => undefined,
) {
  /** Servers that listen, and former ones that still have connections. */
  const servers = new Set<BunServer<Connection>>()
  /** The ports, to listen on again after a pause. */
  const ports: Port[] = []
  /** Requests that were let in, for as long as they are handled. */
  const admitted = new WeakMap<Request, Admitted>()
  let paused = false
  /** How many answers last. */
  let held = 0

  function clientSide(request: Request): ClientSide {
    const known = admitted.get(request)
    if (known === undefined) throw new Error('the request came in by no listener')
    return known.side
  }

  const peer = (request: Request) => admitted.get(request)?.server.requestIP(request)?.address ?? ''

  const limitKey = (request: Request) => addresses.limitKey(clientSide(request).address)

  return {
    limitKey,
    clientSide,
    publicUrl(request: Request): URL {
      const { origin, prefix } = clientSide(request)
      const { pathname, search } = new URL(request.url)
      return new URL(`${origin}${prefix}${pathname}${search}`)
    },

    expectUpgrade(request: Request): void {
      const { headers } = request
      if (lacksUpgrade(headers)) onLostUpgrade(peer(request))
      expectHandshake(headers)
      connections.expectRoom(limitKey(request))
    },

    upgrade(request: Request, connection: Connection): Response {
      connection.limitKey = limitKey(request)
      connections.admit(connection)
      if (admitted.get(request)?.server.upgrade(request, { data: connection }) !== true) {
        connections.release(connection)
        throw new ChatError('invalid', 'The WebSocket handshake is not valid')
      }
      // Bun has already answered; this response is never sent.
      return new Response(null, { status: 101 })
    },

    expectStream(request: Request): void {
      // The body of its answer would never be read.
      if (request.method === 'HEAD') throw new HttpProblem('wrong_method', 'Method not allowed.')
      connections.expectRoom(limitKey(request))
    },

    /** Lets an answer last, as a connection that counts as sockets do. @throws as `expectStream` */
    hold(request: Request, connection: Connection): Held {
      connection.limitKey = limitKey(request)
      connections.admit(connection)
      const server = admitted.get(request)?.server
      // Such an answer may be silent for longer than others.
      server?.timeout(request, 0)
      held++
      return {
        signal: request.signal,
        cut: () => server?.timeout(request, 1),
        released: () => void held--,
      }
    },

    /** Hands the text to the topic's sockets. @returns whether one of them has more to send than it could send at once */
    publish(topic: string, text: string): boolean {
      let behind = false
      // Bun returns -1 if any subscriber has unsent bytes.
      for (const server of servers) if (server.publish(topic, text) === -1) behind = true
      return behind
    },

    /** Listens on a port. @returns its number @throws SetupError if that fails */
    listen(options: ListenOptions, edge: Edge, websocket: WebSocketHandler<Connection>): number {
      const open = (port: number, certificate: Certificate | null) =>
        serve({ ...options, port, certificate }, edge, websocket)
      const { certificate } = options
      const server = open(options.port, certificate)
      const port = server.port ?? options.port
      ports.push({ server, certificate, open: (shown) => open(port, shown) })
      return port
    },

    /**
     * Shows another certificate on the ports with TLS. Sockets stay, and requests under way are answered. Connections without a whole
     * request are closed, those with a TLS handshake under way included, and while a port is opened anew, which takes less than a
     * millisecond, connections are refused.
     * @throws SetupError if the certificate cannot be used, and the former one stays; or if a port cannot be listened on again: then
     * call it again
     */
    renew(certificate: Certificate): void {
      tryOut(certificate)
      for (const port of ports) {
        if (port.certificate === null) continue
        port.certificate = certificate
        release(port)
        // Bun cannot change the certificate of a server that listens.
        if (!paused) port.server = port.open(certificate)
      }
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
      paused = false
      for (const port of ports) port.server ??= port.open(port.certificate)
    },

    /**
     * Resolves once every request has its answer, or after `ms`: a request that is only half sent never gets one.
     * @param besides answers that last need not be over
     */
    async answered(ms: number, besides?: 'held'): Promise<void> {
      const deadline = performance.now() + ms
      const pending = () => [...servers].reduce((sum, server) => sum + server.pendingRequests, 0)
      while (pending() > (besides === undefined ? 0 : held) && performance.now() < deadline)
        await Bun.sleep(5)
    },

    /** Cuts the connections that are left. */
    async stop(): Promise<void> {
      pause()
      await Promise.all([...servers].map((server) => server.stop(true)))
    },
  }

  function pause(): void {
    paused = true
    for (const port of ports) release(port)
  }

  function release(port: Port): void {
    const { server } = port
    port.server = null
    // Not awaited: it resolves only when the last of its sockets has closed.
    void server?.stop(false).then(() => servers.delete(server))
  }

  /** Bun closes a connection after its answer if the server listens no more. The answer says so, or the client would use it again. */
  async function lastIfReleased(answer: Promise<Response>, server: BunServer<Connection>): Promise<Response> {
    const response = await answer
    const isReleased = !ports.some((port) => port.server === server)
    if (isReleased && response.status !== 101) response.headers.set('connection', 'close')
    return response
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
          if (hasLongHost(request.headers)) return refusedHost()
          const side = clientSides.of(request.headers, {
            peer: from.requestIP(request)?.address ?? '',
            tls: options.certificate !== null,
            port: from.port ?? options.port,
          })
          if (side !== null) admitted.set(request, { server: from, side })
          makeRoutable(request, side !== null)
          return lastIfReleased(edge(request, side), from)
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
  /** null for a port without TLS. */
  certificate: Certificate | null
  /** Starts to listen again. */
  readonly open: (certificate: Certificate | null) => BunServer<Connection>
}

/** The same answer that Bun gives to malformed requests: the URL is not read, so the contract is unknown. */
function refusedHost(): Response {
  return new Response(null, { status: 400, headers: { connection: 'close' } })
}

interface Admitted {
  /** The server that the request came in by, which upgrades it. */
  readonly server: BunServer<Connection>
  readonly side: ClientSide
}
