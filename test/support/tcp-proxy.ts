import { connect, createServer, type Server, type Socket } from 'node:net'
import { onFreePort } from './free-port.ts'

/**
 * What happens to a new connection:
 * - `pass`: it is passed on to the server; if the server is away, it is closed
 * - `refuse`: nobody listens (ECONNREFUSED)
 * - `close`: it is accepted and closed at once, in good order (FIN), as by a balancer that knows of no server
 * - `mute`: it is accepted and never answered
 */
export type Welcome = 'pass' | 'refuse' | 'close' | 'mute'

/**
 * How the connections that are open now fall silent. Nobody is told, and they stay open:
 * - `swallow`: what comes is taken and dropped, so that the sender sees it delivered
 * - `freeze`: it is not even taken, and arrives after `thaw`
 * - `answers`: what the client sends arrives, what the server answers is dropped
 */
export type Silence = 'swallow' | 'freeze' | 'answers'

export interface TcpProxy {
  readonly port: number
  /** Connections accepted so far. */
  readonly accepted: number
  /** Connections that are open now. */
  readonly open: number
  /** Decides what happens to new connections from now on; those that are open are left alone. */
  welcome(how: Welcome): Promise<void>
  /** Sends new connections to another port of loopback; those that are open keep their server. */
  redirect(port: number): void
  silence(how: Silence): void
  thaw(): void
  /** Ends every connection. */
  cut(): void
  close(): Promise<void>
}

/** A way to a server that can break in the ways in which networks and balancers do. */
export async function startTcpProxy(server: { readonly port: number }): Promise<TcpProxy> {
  const pairs = new Set<Pair>()
  let target = server.port
  let how: Welcome = 'pass'
  let accepted = 0

  function take(client: Socket): void {
    accepted++
    client.on('error', () => client.destroy())
    const alone = how !== 'pass'
    const pair: Pair = { client, upstream: null, deaf: alone, mute: alone }
    pairs.add(pair)
    client.on('data', (chunk) => {
      if (!pair.deaf) pair.upstream?.write(chunk)
    })
    client.on('close', () => {
      // To the server, a client that it cannot hear is there until the proxy cuts the line.
      if (!pair.deaf) pair.upstream?.destroy()
      if (pair.upstream?.closed ?? true) pairs.delete(pair)
    })
    // In good order, without a reset, whatever the client has sent meanwhile.
    if (how === 'close' || how === 'refuse') client.end()
    if (how === 'pass') lead(pair, target, () => pairs.delete(pair))
  }

  const listener = await onFreePort(async (port) => {
    const made = createServer(take)
    await listen(made, port)
    return { port, made }
  })

  return {
    port: listener.port,
    get accepted() {
      return accepted
    },
    get open() {
      return pairs.size
    },
    async welcome(next) {
      const listens = how !== 'refuse'
      how = next
      if (next === 'refuse' && listens) listener.made.close()
      if (next === 'refuse' || listens) return
      listener.made = createServer(take)
      await listen(listener.made, listener.port)
    },
    redirect(port) {
      target = port
    },
    silence(way) {
      for (const pair of pairs) {
        if (way === 'freeze') for (const end of ends(pair)) end.pause()
        else Object.assign(pair, { mute: true, deaf: way === 'swallow' })
      }
    },
    thaw() {
      for (const pair of pairs) for (const end of ends(pair)) end.resume()
    },
    cut,
    async close() {
      if (how !== 'refuse') listener.made.close()
      cut()
    },
  }

  function cut(): void {
    for (const pair of pairs) for (const end of ends(pair)) end.destroy()
    pairs.clear()
  }
}

interface Pair {
  readonly client: Socket
  upstream: Socket | null
  /** Nothing of what the client sends is passed on. */
  deaf: boolean
  /** Nothing of what the server answers is passed on. */
  mute: boolean
}

function ends({ client, upstream }: Pair): Socket[] {
  return upstream === null ? [client] : [client, upstream]
}

/** What the client sends before the server has accepted waits in the upstream's own buffer. @param gone told when both ends are closed */
function lead(pair: Pair, port: number, gone: () => void): void {
  const upstream = connect(port, '127.0.0.1')
  pair.upstream = upstream
  upstream.on('data', (chunk) => {
    if (!pair.mute) pair.client.write(chunk)
  })
  upstream.on('close', () => {
    if (!pair.mute) pair.client.destroy()
    if (pair.client.closed) gone()
  })
  upstream.on('error', () => upstream.destroy())
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
}
