import { join } from 'node:path'
import { startParley } from '../../../support/parley-process.ts'
import type { PostgresServer } from '../../../support/postgres-server.ts'
import type { Watched } from '../harness/usage.ts'
import type { Target } from './drive.ts'
import { content, createRoom, createUser, RATES } from './setup.ts'
import { messageFrame, PLAIN, V1 } from './wire.ts'

/** The whole server with everything on; only its rates do not stand in the way. */
export async function parleyTarget(clients: number, postgres: PostgresServer | null): Promise<Target> {
  const database = postgres === null ? {} : { DATABASE_URL: await postgres.createDatabase() }
  const server = await startParley({ ...RATES, ...database })
  const first = await createUser(server, 0)
  const room = await createRoom(server, first)
  const users = [first]
  while (users.length < clients) users.push(await createUser(server, users.length))

  const backend: Watched[] = postgres === null ? [] : [{ name: 'Postgres', pid: postgres.pid, memory: false }]
  return {
    clients: users.map(({ id, token }, index) => ({
      url: `${server.wsUrl}/api/v1/ws/${room}/${id}?token=${token}`,
      frame: JSON.stringify({ type: 'text', content: content(mark(index)), user_id: id }),
      mark: mark(index),
    })),
    wire: V1,
    processes: [{ name: 'server', pid: server.pid, memory: true }, ...backend],
  }
}

/** The same frames through a server that only publishes: its clients send what Parley would have made of their messages. */
export async function limitTarget(clients: number): Promise<Target> {
  const server = await startParley({}, join(import.meta.dir, '../limits/bare-publish.ts'))
  return {
    clients: Array.from({ length: clients }, (_, index) => ({
      url: server.wsUrl,
      frame: messageFrame(String(index + 1), content(mark(index))),
      mark: mark(index),
    })),
    wire: PLAIN,
    processes: [{ name: 'server', pid: server.pid, memory: true }],
  }
}

/** Two characters for each of up to 1,296 clients. */
export function mark(index: number): string {
  return index.toString(36).padStart(2, '0')
}
