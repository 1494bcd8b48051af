import type { Batch } from './batch.ts'
import type { Environment } from './environment.ts'
import { type OpenConnection, openConnection, type Transport } from './link/index.ts'
import { openStream } from './streams/index.ts'
import { socketUrl } from './url.ts'

export interface OpenerGiven {
  readonly base: string
  readonly timeoutMs: number
  readonly batch: Batch
  readonly transports: readonly Transport[]
}

/** Returns what opens connections; null if sockets are wanted and the engine has none. */
export function createOpener(given: OpenerGiven, env: Environment): OpenConnection | null {
  const { base, transports } = given
  const { WebSocket } = env
  if (WebSocket === null && transports.includes('socket')) return null
  return (transport, token, on) => {
    if (transport !== 'socket') return openStream({ ...given, token, transport }, env, on)
    if (WebSocket === null) throw new Error('This engine has no WebSocket')
    return openConnection({ ...given, url: socketUrl(base), token, WebSocket }, env, on)
  }
}
