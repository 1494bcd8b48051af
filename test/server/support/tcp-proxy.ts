import type { Socket, TCPSocketListener } from 'bun'

/** A way to a server that can be cut: then its connections end and new ones are refused, until it is mended. */
export function tcpProxy(target: { hostname: string; port: number }) {
  const clients = new Set<Socket<Side>>()
  let listener = listen(0)
  const { port } = listener

  function listen(at: number): TCPSocketListener<Side> {
    return Bun.listen<Side>({
      hostname: '127.0.0.1',
      port: at,
      socket: {
        open: (client) => connect(client),
        data: (client, chunk) => client.data.send(chunk),
        close: (client) => {
          clients.delete(client)
          client.data.end()
        },
      },
    })
  }

  async function connect(client: Socket<Side>): Promise<void> {
    clients.add(client)
    const early: Buffer[] = []
    client.data = { send: (chunk) => void early.push(Buffer.from(chunk)), end: () => undefined }
    const server = await Bun.connect({
      ...target,
      socket: { data: (_, chunk) => void client.write(chunk), close: () => void client.end() },
    })
    for (const chunk of early) server.write(chunk)
    client.data = { send: (chunk) => void server.write(chunk), end: () => void server.end() }
  }

  return {
    port,
    cut(): void {
      listener.stop(true)
      for (const client of clients) client.terminate()
    },
    mend(): void {
      listener = listen(port)
    },
  }
}

interface Side {
  send(chunk: Uint8Array): void
  end(): void
}
