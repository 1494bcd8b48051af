import { type Client, type ClientOptions, createClient } from '../../../src/client/index.ts'
import { type ManualClock, manualClock } from './manual-clock.ts'
import { type ScriptedServer, startScriptedServer } from './scripted-server.ts'

export interface Rig {
  readonly server: ScriptedServer
  readonly clock: ManualClock
  /** What the clients have logged. */
  readonly logged: string[]
  /** A client of the server on the test's clock; delays of chance are half of the longest. */
  connect(options?: Partial<ClientOptions>): Client
  /** Ends the clients and the server. */
  close(): Promise<void>
}

export function startRig(): Rig {
  const server = startScriptedServer()
  const clock = manualClock()
  const clients: Client[] = []
  const logged: string[] = []
  return {
    server,
    clock,
    logged,
    connect(options = {}) {
      const client = createClient({
        url: server.url,
        token: 'secret',
        clock,
        random: () => 0.5,
        network: null,
        transports: ['socket'],
        log: (level, message) => void logged.push(`${level}: ${message}`),
        ...options,
      })
      clients.push(client)
      return client
    },
    async close() {
      await Promise.all(clients.map((client) => client.close()))
      await server.close()
    },
  }
}
