import { join } from 'node:path'
import { type Static, Type } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import { type ParleyProcess, startParley } from '../../support/parley-process.ts'
import type { PostgresServer } from '../../support/postgres-server.ts'
import type { Watched } from '../harness/usage.ts'
import type { Target } from './drive.ts'
import { messageFrame } from './plan.ts'

/** The whole server with everything on; only its rates do not stand in the way. */
export async function parleyTarget(clients: number, postgres: PostgresServer | null): Promise<Target> {
  const database = postgres === null ? {} : { DATABASE_URL: await postgres.createDatabase() }
  const server = await startParley({ ...RATES, ...database })
  const first = await createUser(server, 0)
  const room = await post(server, 'rooms', { name: 'benchmark' }, Created, first.token)
  const users = [first]
  while (users.length < clients) users.push(await createUser(server, users.length))

  const backend: Watched[] = postgres === null ? [] : [{ name: 'Postgres', pid: postgres.pid, memory: false }]
  return {
    clients: users.map(({ id, token }, index) => ({
      url: `${server.wsUrl}/api/v1/ws/${room.id}/${id}?token=${token}`,
      frame: JSON.stringify({ type: 'text', content: content(index), user_id: id }),
      mark: mark(index),
    })),
    greeted: true,
    processes: [{ name: 'server', pid: server.pid, memory: true }, ...backend],
  }
}

/** The same frames through a server that only publishes: its clients send what Parley would have made of their messages. */
export async function limitTarget(clients: number): Promise<Target> {
  const server = await startParley({}, join(import.meta.dir, '../limits/bare-publish.ts'))
  return {
    clients: Array.from({ length: clients }, (_, index) => ({
      url: server.wsUrl,
      frame: messageFrame(String(index + 1), content(index)),
      mark: mark(index),
    })),
    greeted: false,
    processes: [{ name: 'server', pid: server.pid, memory: true }],
  }
}

const RATES = {
  RATE_REQUESTS_PER_MINUTE: '1000000',
  RATE_MESSAGES_PER_SECOND: '1000000',
  RATE_MESSAGES_BURST: '1000000',
}

const Created = Type.Object({ id: Type.String() })
const Registered = Type.Object({ id: Type.String(), token: Type.String() })

function createUser(server: ParleyProcess, index: number): Promise<Static<typeof Registered>> {
  return post(server, 'users', { username: `user-${index}` }, Registered)
}

async function post<T extends typeof Created | typeof Registered>(
  server: ParleyProcess,
  path: string,
  body: object,
  schema: T,
  token?: string,
): Promise<Static<T>> {
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const answer = await fetch(`${server.url}/api/v1/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...authorization },
    body: JSON.stringify(body),
  })
  if (!answer.ok) throw new Error(`POST ${path}: ${answer.status} ${await answer.text()}`)
  return Value.Parse(schema, await answer.json())
}

function content(index: number): string {
  return `A message of an ordinary length, as people write them. ${mark(index)}`
}

/** Two characters for each of up to 1,296 clients. */
function mark(index: number): string {
  return index.toString(36).padStart(2, '0')
}
