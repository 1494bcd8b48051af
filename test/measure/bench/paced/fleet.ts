import { type ParleyProcess, startParley } from '../../../support/parley-process.ts'
import type { PostgresServer } from '../../../support/postgres-server.ts'
import type { RedisServer } from '../../../support/redis-server.ts'
import type { Watched } from '../harness/usage.ts'
import { createRoom, createUser, joinRoom, RATES } from '../load/setup.ts'

/** Nodes over one database, and a room of which so many users are members. */
export interface Fleet {
  readonly room: number
  readonly processes: readonly Watched[]
  /** Addresses of v2 sockets of different users, all on one node. @param from the first of the users */
  sockets(node: number, from: number, count: number): string[]
}

/** @param redis null for a node that is alone */
export async function startFleet(
  names: readonly string[],
  users: number,
  postgres: PostgresServer,
  redis: RedisServer | null,
): Promise<Fleet> {
  const env = {
    ...RATES,
    // Nobody is told who comes and goes: turn after turn, they do so all at once.
    ROOM_LIST_LIMIT: '0',
    DATABASE_URL: await postgres.createDatabase(),
    ...(redis === null ? {} : { REDIS_URL: redis.url }),
  }
  // One after the other: the first makes the tables.
  const nodes: ParleyProcess[] = []
  for (const _ of names) nodes.push(await startParley(env))
  const [first] = nodes
  if (first === undefined) throw new Error('a fleet has at least one node')

  const owner = await createUser(first, 0)
  const room = await createRoom(first, owner)
  const tokens = [owner.token]
  while (tokens.length < users) {
    const user = await createUser(first, tokens.length)
    await joinRoom(first, room, user)
    tokens.push(user.token)
  }
  return {
    room: Number(room),
    processes: [
      ...nodes.map(({ pid }, index) => ({ name: names[index] ?? '', pid, memory: true })),
      { name: 'Postgres', pid: postgres.pid, memory: false },
      ...(redis === null ? [] : [{ name: 'Redis', pid: redis.pid, memory: true }]),
    ],
    sockets: (node, from, count) =>
      tokens.slice(from, from + count).map((token) => `${nodes[node]?.wsUrl}/api/v2/socket?token=${token}`),
  }
}
