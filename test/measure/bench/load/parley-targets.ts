import { type Static, Type } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import { type ParleyProcess, startParley } from '../../../support/parley-process.ts'
import type { PostgresServer } from '../../../support/postgres-server.ts'
import type { Watched } from '../harness/usage.ts'
import type { Target } from './drive.ts'
import { content, createRoom, createUser, joinRoom, mark, RATES, type User } from './setup.ts'
import { countedSend, v2Wire } from './v2-wire.ts'
import { V1 } from './wire.ts'

/** One server and its users through each contract; each call makes a room of its own. */
export interface ParleyTargets {
  /** Contract v1: a frame a message. */
  v1(): Promise<Target>
  /** Contract v2, a frame a message. */
  v2(): Promise<Target>
  /** Contract v2 with several frames and several requests in one. */
  v2Batched(): Promise<Target>
  /** Ends the server. */
  remove(): Promise<void>
}

/** The whole server with everything on; only its rates do not stand in the way. @param postgres null for the embedded database */
export async function parleyTargets(
  clients: number,
  postgres: PostgresServer | null,
): Promise<ParleyTargets> {
  const database = postgres === null ? {} : { DATABASE_URL: await postgres.createDatabase() }
  const server = await startParley({ ...RATES, ...database })
  const users: User[] = []
  while (users.length < clients) users.push(await createUser(server, users.length))
  const backend: Watched[] = postgres === null ? [] : [{ name: 'Postgres', pid: postgres.pid, memory: false }]
  const processes: Watched[] = [{ name: 'server', pid: server.pid, memory: true }, ...backend]
  return {
    v1: async () => ({ ...(await v1(server, users)), processes }),
    v2: async () => ({ ...(await v2(server, users, null)), processes }),
    v2Batched: async () => ({ ...(await v2(server, users, await mostRequests(server, users))), processes }),
    remove: () => server.remove(),
  }
}

async function v1(server: ParleyProcess, users: readonly User[]): Promise<Omit<Target, 'processes'>> {
  const room = await createRoom(server, first(users), 'room-v1')
  return {
    clients: users.map(({ id, token }, index) => ({
      url: `${server.wsUrl}/api/v1/ws/${room}/${id}?token=${token}`,
      frame: JSON.stringify({ type: 'text', content: content(mark(index)), user_id: id }),
      mark: mark(index),
    })),
    wire: V1,
  }
}

/** @param most requests in a frame; null for one frame each */
async function v2(
  server: ParleyProcess,
  users: readonly User[],
  most: number | null,
): Promise<Omit<Target, 'processes'>> {
  const owner = first(users)
  const room = await createRoom(server, owner, most === null ? 'room-v2' : 'room-v2-batched')
  for (const user of users) if (user !== owner) await joinRoom(server, room, user)
  const batch = most === null ? '' : '&batch=1'
  return {
    clients: users.map(({ token }, index) => ({
      url: `${server.wsUrl}/api/v2/socket?token=${token}${batch}`,
      frame: countedSend(Number(room), content(mark(index))),
      mark: mark(index),
    })),
    wire: v2Wire(Number(room), most),
  }
}

const Hello = Type.Object({ batch: Type.Literal(true), max_batch: Type.Integer({ minimum: 1 }) })
type Hello = Static<typeof Hello>

/** The most requests that a v2 client may send in one frame, as the server says. */
async function mostRequests(server: ParleyProcess, users: readonly User[]): Promise<number> {
  const said = Promise.withResolvers<Hello>()
  const socket = new WebSocket(`${server.wsUrl}/api/v2/socket?token=${first(users).token}&batch=1`)
  socket.onmessage = ({ data }) => said.resolve(Value.Parse(Hello, JSON.parse(String(data))))
  socket.onclose = ({ code }) => said.reject(new Error(`the server closed the connection with ${code}`))
  try {
    return (await said.promise).max_batch
  } finally {
    socket.close()
  }
}

function first(users: readonly User[]): User {
  const [user] = users
  if (user === undefined) throw new Error('there are no users')
  return user
}
