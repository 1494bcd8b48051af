import { join } from 'node:path'
import { type ParleyProcess, startParley } from '../../../support/parley-process.ts'
import type { PostgresServer } from '../../../support/postgres-server.ts'
import type { RedisServer } from '../../../support/redis-server.ts'
import type { Watched } from '../harness/usage.ts'
import { RATES } from '../load/setup.ts'
import type { CrowdPlan } from './plan.ts'
import { type Seeded, seedRooms, seedUsers } from './seed.ts'

/** Servers of one kind, to be filled with idle connections that all hear one room. */
export interface Servers {
  readonly processes: readonly Watched[]
  readonly nodes: readonly ParleyProcess[]
  /** Whether they know nothing of each other. */
  readonly apart: boolean
  /** So many clients of one node. @param from the first of the clients of all */
  crowd(node: number, from: number, count: number): CrowdPlan
  /** What a client sends for all to hear. @param from the client's place among all */
  broadcast(from: number, mark: string): string
  remove(): Promise<void>
}

export interface Needs {
  readonly postgres: PostgresServer
  readonly redis: RedisServer
  readonly nodes: number
  /** Clients in all. */
  readonly clients: number
}

/** Several need Redis to be one; one alone has none. */
export async function v2Servers(needs: Needs): Promise<Servers> {
  const { nodes, users, room, ...rest } = await parley(needs, needs.clients)
  const user = (index: number) => userAt(users, index)
  return {
    ...rest,
    nodes,
    crowd: (node, from, count) => ({
      port: nodes[node]?.port ?? 0,
      load: node,
      clients: Array.from({ length: count }, (_, i) => ({
        path: `/api/v2/socket?token=${user(from + i).token}`,
        greeting: [JSON.stringify({ type: 'subscribe', id: 1, room, limit: 1 })],
      })),
      live: { start: '{"type":"live"', times: 1 },
      ready: { start: '{"type":"state"', times: 1 },
    }),
    broadcast: (_, mark) => JSON.stringify({ type: 'send', id: 2, room, body: text(mark) }),
  }
}

/** Whoever comes is told to all who are there, by their names: so that there are not as many names as connections. */
const V1_CONNECTIONS_A_USER = 100

export async function v1Servers(needs: Needs): Promise<Servers> {
  const { nodes, users, room, ...rest } = await parley(
    needs,
    Math.ceil(needs.clients / V1_CONNECTIONS_A_USER),
  )
  const user = (index: number) => userAt(users, Math.floor(index / V1_CONNECTIONS_A_USER))
  return {
    ...rest,
    nodes,
    crowd: (node, from, count) => ({
      port: nodes[node]?.port ?? 0,
      load: node,
      clients: Array.from({ length: count }, (_, i) => {
        const { id, token } = user(from + i)
        return { path: `/api/v1/ws/${room}/${id}?token=${token}`, greeting: [] }
      }),
      live: null,
      ready: { start: '{"type":"history"', times: 1 },
    }),
    broadcast: (from, mark) =>
      JSON.stringify({ type: 'text', content: text(mark), user_id: String(user(from).id) }),
  }
}

/** Each by itself: who sends is heard on one of them. */
export async function bareServers({ nodes: count }: Pick<Needs, 'nodes'>): Promise<Servers> {
  const nodes: ParleyProcess[] = []
  for (let i = 0; i < count; i++) nodes.push(await startParley({}, BARE))
  return {
    nodes,
    apart: true,
    processes: nodes.map(({ pid }, i) => ({ name: named('server', i, count), pid, memory: true })),
    crowd: (node, _, clients) => ({
      port: nodes[node]?.port ?? 0,
      load: node,
      clients: Array.from({ length: clients }, () => ({ path: '/', greeting: [] })),
      live: null,
      ready: null,
    }),
    broadcast: (_, mark) => JSON.stringify({ type: 'message', body: text(mark), more: '.'.repeat(150) }),
    remove: () => removeAll(nodes),
  }
}

async function parley({ postgres, redis, nodes: count, clients }: Needs, users: number) {
  const databaseUrl = await postgres.createDatabase()
  const limits = {
    MAX_CONNECTIONS: String(clients + 1000),
    MAX_CONNECTIONS_PER_ADDRESS: String(clients + 1000),
  }
  const together: Record<string, string> =
    count === 1 ? {} : { REDIS_URL: redis.url, REDIS_PREFIX: `idle-${crypto.randomUUID()}` }
  const nodes: ParleyProcess[] = []
  // One after the other: the first makes the tables.
  for (let i = 0; i < count; i++) {
    nodes.push(await startParley({ ...RATES, ...limits, ...together, DATABASE_URL: databaseUrl }))
  }
  const seeded = await seedUsers(databaseUrl, users)
  const [room] = await seedRooms(databaseUrl, [seeded.map(({ id }) => id)])
  return {
    nodes,
    room,
    users: seeded,
    apart: false,
    processes: [
      ...nodes.map(({ pid }, i) => ({ name: named('server', i, count), pid, memory: true })),
      { name: 'Postgres', pid: postgres.pid, memory: false },
    ],
    remove: () => removeAll(nodes),
  }
}

async function removeAll(nodes: readonly ParleyProcess[]): Promise<void> {
  await Promise.all(nodes.map((node) => node.remove()))
}

function userAt(users: readonly Seeded[], index: number): Seeded {
  const user = users[index]
  if (user === undefined) throw new Error(`there is no user ${index}`)
  return user
}

function named(name: string, index: number, count: number): string {
  return count === 1 ? name : `${name} ${index + 1}`
}

function text(mark: string): string {
  return `A message of an ordinary length, as people write them. ${mark}`
}

const BARE = join(import.meta.dir, '../limits/bare-sockets.ts')
