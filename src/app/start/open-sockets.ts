import type { Cluster } from '../../cluster/index.ts'
import type { Config } from '../../config.ts'
import {
  Broadcast,
  Connections,
  createAddresses,
  createListener,
  type Logger,
  seldom,
} from '../../server/index.ts'

/** How often the log says again what still is so. */
const AGAIN_MS = 60_000

export type Sockets = ReturnType<typeof openSockets>

/** The sockets of this node and the ways to them; nothing is listened to yet. @param maxConnections on this node */
export function openSockets(config: Config, cluster: Cluster, maxConnections: number, log: Logger) {
  const addresses = createAddresses(config.security.trustedProxies)
  const connections = new Connections(
    {
      total: maxConnections,
      perAddress: config.limits.maxConnectionsPerAddress,
      perUser: config.limits.maxConnectionsPerUser,
    },
    cluster.connections,
    seldom(AGAIN_MS, () => log.warn(`sockets are refused: ${maxConnections} are open (MAX_CONNECTIONS)`)),
  )
  const listener = createListener(connections, addresses)
  return { addresses, connections, listener, broadcast: new Broadcast(connections, listener.publish) }
}
