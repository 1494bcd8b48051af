import type { SocketConstructor } from '../../../src/client/index.ts'

/** What the sockets of one client have seen of frames. */
export interface Observed {
  readonly Socket: SocketConstructor
  /** Text frames that held several frames. */
  readonly batches: () => number
  /** The codes with which sockets were closed. */
  readonly closes: readonly number[]
  /** Ends the present connection without a word. */
  cut(): void
}

/** Real sockets whose frames are counted. @param asks whether they ask for batches */
export function observedSocket(asks: boolean): Observed {
  const closes: number[] = []
  let batches = 0
  let latest: WebSocket | null = null
  const Socket: SocketConstructor = class extends WebSocket {
    constructor(address: string) {
      const url = new URL(address)
      if (!asks) url.searchParams.delete('batch')
      super(url.href)
      latest = this
      this.addEventListener('message', ({ data }) => {
        if (String(data).startsWith('[')) batches++
      })
      this.addEventListener('close', ({ code }) => closes.push(code))
    }
  }
  return { Socket, batches: () => batches, closes, cut: () => latest?.terminate() }
}
