import type { Socket } from 'bun'
import type { Random } from '../e2e/random.ts'
import { FrameBounds } from './frame-bounds.ts'

/** When a connection is cut: after this many bytes in one direction. No byte after them passes. */
export interface Cut {
  readonly toward: 'server' | 'client'
  readonly afterBytes: number
  /** Whether it is reset rather than closed in order. */
  readonly abruptly: boolean
}

export interface CuttingProxy {
  readonly url: string
  /** Sends new connections to these servers from now on, in turns. */
  target(serverUrls: readonly string[]): void
  readonly tally: CutTally
  /** Called for each connection. null means that it is not cut. */
  plan: () => Cut | null
  /** Cuts all open connections. */
  cutAll(): void
  stop(): void
}

/** Counts where the cuts happened. */
export interface CutTally {
  cuts: number
  /** Before the WebSocket was open. */
  inHandshake: number
  /** In the middle of a frame. */
  inClientFrame: number
  inServerFrame: number
  /** Replies to sends that the server wrote and the client never received. */
  lostAcks: number
}

export function randomCut(random: Random, mostBytes: number): Cut {
  return {
    toward: random.below(2) === 0 ? 'server' : 'client',
    // Some cuts happen within the handshake.
    afterBytes: random.below(random.below(5) === 0 ? HANDSHAKE_BYTES : mostBytes),
    abruptly: random.below(2) === 0,
  }
}

/** A proxy that passes a planned number of bytes of each connection and then cuts it. */
export function cuttingProxy(serverUrl: string): CuttingProxy {
  let servers = [new URL(serverUrl)]
  let connections = 0
  const tally: CutTally = { cuts: 0, inHandshake: 0, inClientFrame: 0, inServerFrame: 0, lostAcks: 0 }
  const open = new Set<Carrier>()
  const listener = Bun.listen<Carrier | null>({
    hostname: '127.0.0.1',
    port: 0,
    data: null,
    socket: {
      open(client) {
        const carrier = new Carrier(client, proxy.plan(), tally)
        client.data = carrier
        open.add(carrier)
        const { hostname, port } = servers[connections++ % servers.length] ?? new URL(serverUrl)
        Bun.connect({
          hostname,
          port: Number(port),
          socket: {
            open: (server) => carrier.opened(server),
            data: (_, chunk) => carrier.carry('client', Buffer.from(chunk)),
            drain: () => carrier.drain('server'),
            close: () => carrier.end(),
          },
        }).catch(() => carrier.end())
      },
      data: (client, chunk) => client.data?.carry('server', Buffer.from(chunk)),
      drain: (client) => client.data?.drain('client'),
      close(client) {
        if (client.data === null) return
        client.data.end()
        open.delete(client.data)
      },
    },
  })
  const proxy: CuttingProxy = {
    url: `http://127.0.0.1:${listener.port}`,
    tally,
    target(urls) {
      servers = urls.map((url) => new URL(url))
    },
    plan: () => null,
    cutAll() {
      for (const carrier of open) carrier.end()
    },
    stop() {
      listener.stop(true)
      proxy.cutAll()
    },
  }
  return proxy
}

type Side = 'server' | 'client'

/** One connection through the proxy. */
class Carrier {
  readonly #client: Socket<Carrier | null>
  readonly #cut: Cut | null
  readonly #tally: CutTally
  readonly #sides: Record<Side, Line> = { server: newLine(), client: newLine() }
  #server: Socket | null = null
  #over = false

  constructor(client: Socket<Carrier | null>, cut: Cut | null, tally: CutTally) {
    this.#client = client
    this.#cut = cut
    this.#tally = tally
  }

  opened(server: Socket): void {
    this.#server = server
    if (this.#over) server.terminate()
    else this.drain('server')
  }

  carry(side: Side, chunk: Buffer): void {
    if (this.#over) return
    const line = this.#sides[side]
    const left = this.#cut?.toward === side ? this.#cut.afterBytes - line.carried : Number.POSITIVE_INFINITY
    const carried = chunk.subarray(0, left)
    line.carried += carried.length
    line.bounds.took(carried)
    line.waiting.push(carried)
    this.drain(side)
    if (chunk.length <= left) return
    this.#count(side, chunk.toString('latin1'), left)
    this.end(this.#cut?.abruptly)
  }

  drain(side: Side): void {
    const socket = side === 'server' ? this.#server : this.#client
    const { waiting } = this.#sides[side]
    while (socket !== null && waiting[0] !== undefined) {
      const written = Math.max(0, socket.write(waiting[0]))
      if (written < waiting[0].length) {
        waiting[0] = waiting[0].subarray(written)
        return
      }
      waiting.shift()
    }
  }

  end(abruptly = true): void {
    if (this.#over) return
    this.#over = true
    for (const socket of [this.#server, this.#client]) {
      if (abruptly) socket?.terminate()
      else socket?.end()
    }
  }

  /** @param text what came, of which everything from `end` on is dropped */
  #count(side: Side, text: string, end: number): void {
    const tally = this.#tally
    const { bounds } = this.#sides[side]
    tally.cuts++
    if (!bounds.isOpen) tally.inHandshake++
    else if (!bounds.isBetween && side === 'server') tally.inClientFrame++
    else if (!bounds.isBetween) tally.inServerFrame++
    const acks = side === 'client' ? [...text.matchAll(ACK)] : []
    tally.lostAcks += acks.filter((match) => match.index + match[0].length > end).length
  }
}

interface Line {
  carried: number
  readonly bounds: FrameBounds
  readonly waiting: Buffer[]
}

function newLine(): Line {
  return { carried: 0, bounds: new FrameBounds(), waiting: [] }
}

const HANDSHAKE_BYTES = 130
/** The reply to a send. */
const ACK =
  /\{"type":"result","id":\d+,"data":\{"room":\d+,"seq":\d+,"message":\d+,[^{}]*\}(?:,"remaining":\d+)?\}/g
