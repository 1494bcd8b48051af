import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { connect, type Socket } from 'node:net'

export interface MeanProxy {
  readonly url: string
  /** Passes upgrades on from now on. */
  mend(): void
  stop(): Promise<void>
}

/**
 * A proxy that passes no upgrades on: it answers them with 400, or with nothing.
 * @param how `buffers` refuses upgrades, and holds each answer back until it is whole
 */
export function startMeanProxy(target: string, how: 'refuses' | 'hangs' | 'buffers'): MeanProxy {
  const { hostname, port } = new URL(target)
  const sockets = new Set<Socket>()
  let isMended = false

  function forward(from: IncomingMessage, to: ServerResponse): void {
    const { method, url, headers } = from
    const asked = request({ hostname, port, method, path: url, headers }, (answer) => {
      if (how !== 'buffers') {
        to.writeHead(answer.statusCode ?? 502, answer.headers)
        to.flushHeaders()
        answer.pipe(to)
        return
      }
      const parts: Buffer[] = []
      answer.on('data', (part: Buffer) => parts.push(part))
      answer.on('end', () => {
        to.writeHead(answer.statusCode ?? 502, answer.headers)
        to.end(Buffer.concat(parts))
      })
    })
    asked.on('error', () => to.destroy())
    to.on('close', () => asked.destroy())
    from.pipe(asked)
  }

  const server = createServer(forward)
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => undefined)
  })
  server.on('upgrade', (from: IncomingMessage, socket: Socket, head: Buffer) => {
    if (isMended) {
      const lines = from.rawHeaders.flatMap((name, at, all) =>
        at % 2 === 0 ? `${name}: ${all[at + 1]}` : [],
      )
      const other = connect(Number(port), hostname, () => {
        other.write(`${from.method} ${from.url} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`)
        other.write(head)
        other.pipe(socket)
        socket.pipe(other)
      })
      other.on('error', () => socket.destroy())
      socket.on('close', () => other.destroy())
    } else if (how !== 'hangs') {
      socket.end('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
    }
  })
  server.listen(0, '127.0.0.1')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    mend() {
      isMended = true
    },
    async stop() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
