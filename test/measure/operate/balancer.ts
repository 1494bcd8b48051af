import { connect, createServer, type Socket } from 'node:net'

export interface Balancer {
  readonly port: number
  close(): void
}

/**
 * Passes connections on to the nodes in turn, as any load balancer does that knows nothing of HTTP; one that is not there is
 * left out.
 * @param port 0 takes any free one
 */
export async function startBalancer(port: number, nodes: readonly number[]): Promise<Balancer> {
  let turn = 0
  const open = new Set<Socket>()

  function passOn(client: Socket, tries: number): void {
    const node = nodes[turn++ % nodes.length]
    if (node === undefined || tries === 0) {
      client.destroy()
      return
    }
    const server = connect(node, '127.0.0.1')
    server.once('connect', () => {
      server.removeAllListeners('error')
      for (const [from, to] of [
        [client, server],
        [server, client],
      ] as const) {
        from.pipe(to)
        from.on('error', () => to.destroy())
        from.on('close', () => to.destroy())
      }
    })
    server.once('error', () => passOn(client, tries - 1))
  }

  const listener = createServer((client) => {
    open.add(client)
    client.on('close', () => open.delete(client))
    client.on('error', () => client.destroy())
    passOn(client, nodes.length)
  })
  await new Promise<void>((resolve, reject) => {
    listener.once('error', reject)
    listener.listen(port, '127.0.0.1', resolve)
  })
  const address = listener.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    close() {
      listener.close()
      for (const client of open) client.destroy()
    },
  }
}
