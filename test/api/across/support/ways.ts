import type { ContractCase } from './contracts.ts'
import { listen } from './sockets.ts'
import type { Standpoint } from './standpoint.ts'

/** How one contract sends: by a request or over its socket. */
export interface Way {
  readonly name: string
  open(at: Standpoint): Promise<Speaker>
}

export interface Speaker {
  /** Resolves once the request is answered, or the frame is on its way. */
  say(text: string): Promise<void>
  close(): Promise<unknown>
}

export function waysOf(contract: ContractCase): Way[] {
  const { post } = contract
  const socket: Way = {
    name: `the socket of ${contract.name}`,
    async open(at) {
      const speaker = await listen(contract, at)
      return { say: async (text) => speaker.say(text), close: () => speaker.socket.close() }
    },
  }
  if (post === null) return [socket]
  const request: Way = {
    name: `a request of ${contract.name}`,
    open: async (at) => ({ say: (text) => post(at, text), close: async () => undefined }),
  }
  return [request, socket]
}
