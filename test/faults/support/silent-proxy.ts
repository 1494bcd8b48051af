import { connect, createServer, type Socket } from 'node:net'

export interface SilentProxy {
  readonly port: number
  /**
   * From now on nothing passes any more, and nobody is told: connections stay open.
   * @param how `swallow`: what comes is taken and dropped, so that the sender sees it delivered; `freeze`: it is not even taken
   */
  silence(how: 'swallow' | 'freeze'): void
  close(): void
}

/** A way to a server on which both ends can be left half-open. */
export async function startSilentProxy(server: { readonly port: number }): Promise<SilentProxy> {
  const ends = new Set<Socket>()
  let silent = false

  function pass(from: Socket, to: Socket): void {
    ends.add(from)
    from.on('data', (chunk) => {
      if (!silent) to.write(chunk)
    })
    from.on('close', () => {
      ends.delete(from)
      if (!silent) to.destroy()
    })
    from.on('error', () => from.destroy())
  }

  const listener = createServer((client) => {
    const upstream = connect(server.port, '127.0.0.1')
    pass(client, upstream)
    pass(upstream, client)
  })
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  const address = listener.address()
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port')
  return {
    port: address.port,
    silence(how) {
      silent = true
      if (how === 'freeze') for (const end of ends) end.pause()
    },
    close() {
      listener.close()
      for (const end of ends) end.destroy()
    },
  }
}
