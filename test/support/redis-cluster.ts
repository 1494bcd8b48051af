import { Redis } from 'ioredis'
import { onFreePort } from './free-port.ts'
import { type RedisServer, startRedis } from './redis-server.ts'
import { until } from './until.ts'

export interface RedisClusterServers {
  /** As the server takes it: `redis+cluster://host:port,…`. */
  readonly url: string
  readonly masters: readonly RedisServer[]
  /** One of each master, in the same order; none unless asked for. */
  readonly replicas: readonly RedisServer[]
  /** The master that serves a key now. */
  masterOf(key: string): Promise<RedisServer>
  remove(): Promise<void>
}

const SLOTS = 16_384
const MASTERS = 3

export interface ClusterWanted {
  /** With a replica of each master. */
  readonly replicated?: boolean
  /** Files: that of a certificate, which is its own authority, and of its key. The cluster speaks TLS as well, and `url` says so. */
  readonly tls?: { readonly cert: string; readonly key: string }
}

/** Starts a Redis Cluster of three masters on loopback, and resolves once it serves every slot. */
export async function startRedisCluster(wanted: ClusterWanted = {}): Promise<RedisClusterServers> {
  const { replicated = false, tls } = wanted
  const count = replicated ? MASTERS * 2 : MASTERS
  const members = await Promise.all(Array.from({ length: count }, () => startMember(tls)))
  const servers = members.map(({ server }) => server)
  const masters = servers.slice(0, MASTERS)
  const replicas = servers.slice(MASTERS)
  const clients = servers.map(({ url }) => openClient(url))
  const remove = async () => {
    await Promise.all(servers.map((server) => server.remove()))
  }
  try {
    await join(clients, members)
    for (const [index, client] of clients.slice(MASTERS).entries()) {
      const master = await nodeId(clients[index])
      await until(
        async () => (await client.cluster('REPLICATE', master).catch(() => null)) === 'OK',
        'a replica to find its master',
      )
    }
    for (const client of clients)
      await until(() => isWhole(client, servers.length), 'the cluster to be whole')
    for (const client of clients.slice(MASTERS)) await until(() => isInStep(client), 'a replica in step')
  } catch (error) {
    await remove()
    throw error
  } finally {
    for (const client of clients) client.disconnect()
  }

  return {
    url: `${tls ? 'rediss' : 'redis'}+cluster://${members.map(({ port }) => `127.0.0.1:${port}`).slice(0, MASTERS)}`,
    masters,
    replicas,
    remove,
    async masterOf(key) {
      for (const server of servers) {
        const client = openClient(server.url)
        const answer = await client.get(key).then(String, (error: Error) => error.message)
        const role = await client.role().then(String, () => '')
        client.disconnect()
        if (!answer.startsWith('MOVED') && role.startsWith('master')) return server
      }
      throw new Error(`no master serves ${key}`)
    },
  }
}

/** The port of the cluster's own bus is one that was free, too: by default it may be one of outgoing connections. */
function startMember(tls: ClusterWanted['tls']): Promise<Member> {
  return onFreePort((busPort) => {
    const settings = {
      'cluster-enabled': 'yes',
      'cluster-port': String(busPort),
      'cluster-node-timeout': '1000',
      'cluster-config-file': 'nodes.conf',
      // If a master is gone, the others continue to serve their slots.
      'cluster-require-full-coverage': 'no',
      'repl-diskless-sync-delay': '0',
    }
    if (tls === undefined)
      return startRedis(settings).then((server) => ({ server, port: server.port, busPort }))
    const { cert, key } = tls
    const files = {
      'tls-cert-file': cert,
      'tls-key-file': key,
      'tls-ca-cert-file': cert,
      'tls-cluster': 'yes',
    }
    return onFreePort(async (port) => {
      const secure = { ...files, 'tls-port': String(port), 'tls-auth-clients': 'no' }
      return { server: await startRedis({ ...settings, ...secure }), port, busPort }
    })
  })
}

async function join(clients: readonly Redis[], members: readonly Member[]): Promise<void> {
  const [first] = clients
  for (const [index, client] of clients.slice(0, MASTERS).entries()) {
    const [from, to] = [index, index + 1].map((i) => Math.floor((SLOTS * i) / MASTERS))
    await client.cluster('ADDSLOTSRANGE', from ?? 0, (to ?? SLOTS) - 1)
    await client.call('CLUSTER', 'SET-CONFIG-EPOCH', String(index + 1))
  }
  for (const { port, busPort } of members.slice(1)) {
    await first?.call('CLUSTER', 'MEET', '127.0.0.1', String(port), String(busPort))
  }
}

async function nodeId(client: Redis | undefined): Promise<string> {
  return String(await client?.call('CLUSTER', 'MYID'))
}

async function isWhole(client: Redis, members: number): Promise<boolean> {
  const info = String(await client.cluster('INFO'))
  return info.includes('cluster_state:ok') && info.includes(`cluster_known_nodes:${members}\r\n`)
}

async function isInStep(client: Redis): Promise<boolean> {
  return (await client.info('replication')).includes('master_link_status:up')
}

function openClient(url: string): Redis {
  const client = new Redis(url, { retryStrategy: () => null, commandTimeout: 2000 })
  // The failed command tells the same; without a listener, the client would print it.
  client.on('error', () => undefined)
  return client
}

interface Member {
  readonly server: RedisServer
  /** The URL for clients. */
  readonly port: number
  readonly busPort: number
}
