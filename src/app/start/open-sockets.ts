import type { Cluster } from '../../cluster/index.ts'
import type { Config } from '../../config.ts'
import type { Clock } from '../../core/index.ts'
import {
  Broadcast,
  Connections,
  createAddresses,
  createAddressLimit,
  createClientSides,
  createListener,
  crowdedAddressWarning,
  type Logger,
  lostUpgradeWarning,
  SlowReaders,
  Streams,
  seldom,
  untrustedProxyWarning,
  withoutSlash,
} from '../../server/index.ts'

/** Milliseconds between two log lines about the same condition while it lasts. */
const REPEAT_MS = 60_000

export type Sockets = ReturnType<typeof openSockets>

/** Returns the sockets of this node and what reaches them. No port is open yet. @param maxConnections the most sockets of this node */
export function openSockets(
  config: Config,
  cluster: Cluster,
  maxConnections: number,
  clock: Clock,
  log: Logger,
) {
  const { maxConnectionsPerAddress, maxConnectionsPerUser, requestsPerMinute } = config.limits
  const addresses = createAddresses(config.security.trustedProxies)
  const connections = new Connections(
    {
      total: maxConnections,
      perAddress: maxConnectionsPerAddress,
      perUser: maxConnectionsPerUser,
    },
    cluster.connections,
    seldom(REPEAT_MS, () =>
      log.warn(`new sockets are refused: ${maxConnections} are open (MAX_CONNECTIONS)`),
    ),
    crowdedAddressWarning(log, `more than ${maxConnectionsPerAddress} sockets (MAX_CONNECTIONS_PER_ADDRESS)`),
  )
  const place = { origin: config.security.publicUrl, prefix: withoutSlash(config.server.basePath) }
  const clientSides = createClientSides(addresses, place, untrustedProxyWarning(log))
  const listener = createListener(connections, addresses, clientSides, lostUpgradeWarning(log))
  const slowReaders = new SlowReaders(connections, clock, config.socket.backpressureBytes)
  const { backpressureBytes } = config.socket
  const streams = new Streams({ connections, slowReaders, clock, log, backpressureBytes })
  const broadcast = new Broadcast(connections, (topic, text) => {
    const isBehind = listener.publish(topic, text)
    if (streams.topics.publish(topic, text) || isBehind) slowReaders.noteUnsent()
  })
  const addressLimit = createAddressLimit(
    cluster.limiter,
    addresses,
    crowdedAddressWarning(log, `more than ${requestsPerMinute} requests a minute (RATE_REQUESTS_PER_MINUTE)`),
  )
  return { addressLimit, connections, listener, slowReaders, streams, broadcast }
}
