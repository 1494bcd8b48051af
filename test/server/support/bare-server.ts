import { ChatError, type Clock, isId } from '../../../src/core/index.ts'
import {
  Connection,
  Connections,
  createAddresses,
  createClientSides,
  createListener,
  keepAlive,
  type Session,
  SlowReaders,
  type SocketOptions,
  socketHandlers,
  systemClock,
} from '../../../src/server/index.ts'
import { loggerTo } from '../../support/log-lines.ts'

/** The sockets' side of the server with sessions of the test's own: no chat and no database behind it. */
export function startBareServer(
  session: (connection: Connection) => Session,
  given: Partial<SocketOptions> = {},
  clock: Clock = systemClock,
) {
  const { log, lines } = loggerTo('trace')
  const options = {
    maxFrameBytes: 65_536,
    backpressureBytes: 65_536,
    pingMs: 1000,
    pongDeadlineMs: 5000,
    heartbeatMs: 1000,
    frames: { perSecond: 50_000, burst: 3000 },
    refusals: { perSecond: 50, burst: 1000 },
    ...given,
  }
  const connections = new Connections(
    { total: 100, perAddress: 100, perUser: 100 },
    { tell: () => undefined, elsewhere: () => 0 },
  )
  const addresses = createAddresses([])
  const clientSides = createClientSides(addresses, { origin: undefined, prefix: '' })
  const listener = createListener(connections, addresses, clientSides)
  const slowReaders = new SlowReaders(connections, clock, options.backpressureBytes)
  const stopPings = keepAlive(connections, clock, options)
  let users = 0

  async function edge(request: Request): Promise<Response> {
    const id = ++users
    if (!isId(id)) throw new Error('too many users')
    try {
      const speaker = { user: { id, username: `user${id}` }, session: null, expiresInMs: null }
      return listener.upgrade(request, new Connection(speaker, session))
    } catch (error) {
      return new Response(error instanceof ChatError ? error.kind : String(error), { status: 400 })
    }
  }

  const port = listener.listen(
    { variable: 'PORT', host: '127.0.0.1', port: 0, idleSeconds: 30, certificate: null },
    edge,
    socketHandlers(connections, slowReaders, clock, log, options),
  )
  return {
    wsUrl: `ws://127.0.0.1:${port}/`,
    connections,
    /** Publishes as the broadcast does. */
    publish(topic: string, text: string): void {
      if (listener.publish(topic, text)) slowReaders.noteUnsent()
    },
    logs: (): readonly string[] => lines,
    async close(): Promise<void> {
      stopPings()
      await listener.stop()
    },
  }
}
