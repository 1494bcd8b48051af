import { join } from 'node:path'
import { startParley } from '../../../support/parley-process.ts'
import type { PostgresServer } from '../../../support/postgres-server.ts'
import type { Watched } from '../harness/usage.ts'
import { seedRooms, seedUsers } from '../idle/seed.ts'
import { NUMBERED_TEXT } from './numbered-frame.ts'
import type { RoomsTarget } from './rooms-load.ts'
import { RATES } from './setup.ts'
import { messageFrame, sendFrame, subscribeFrame } from './v2-frames.ts'

/** So many rooms of so many clients each, every client a user of its own. */
export interface Shape {
  readonly rooms: number
  readonly clients: number
}

/** Small enough for more sends a second than a large room has in a minute. */
export const WARM_UP_SHAPE: Shape = { rooms: 1, clients: 32 }

export interface ParleyOptions {
  readonly env?: Readonly<Record<string, string>>
  /** The program to start in the server's place. */
  readonly main?: string
  /** What the server uses besides Postgres. */
  readonly backend?: readonly Watched[]
}

export interface ParleyRooms {
  /** One a shape, all of the same server. */
  readonly targets: RoomsTarget[]
  readonly databaseUrl: string
  /** For REST requests of one of the clients' users. */
  readonly rest: { readonly url: string; readonly token: string }
}

/** A server with everything on, contract v2; only its rates and its limits of connections do not stand in the way. */
export async function parleyRooms(
  shapes: readonly Shape[],
  postgres: PostgresServer,
  { env = {}, main, backend = [] }: ParleyOptions = {},
): Promise<ParleyRooms> {
  const url = await postgres.createDatabase()
  const settings = { ...RATES, MAX_CONNECTIONS_PER_ADDRESS: '100000', DATABASE_URL: url, ...env }
  const server = await startParley(settings, main)
  const sizes = shapes.flatMap(({ rooms, clients }) => new Array<number>(rooms).fill(clients))
  const users = (
    await seedUsers(
      url,
      sizes.reduce((sum, size) => sum + size, 0),
    )
  ).values()
  const crowds = sizes.map((size) => users.take(size).toArray())
  const ids = await seedRooms(
    url,
    crowds.map((crowd) => crowd.map(({ id }) => id)),
  )
  const rooms = crowds.map((crowd, index) => {
    const id = ids[index] ?? Number.NaN
    return {
      urls: crowd.map(({ token }) => `${server.wsUrl}/api/v2/socket?token=${token}`),
      subscribe: subscribeFrame(id),
      frame: sendFrame(id, NUMBERED_TEXT),
    }
  })
  const processes: Watched[] = [
    { name: 'server', pid: server.pid, memory: true },
    { name: 'Postgres', pid: postgres.pid, memory: false },
    ...backend,
  ]
  const targets = divided(rooms, shapes).map((own) => ({ rooms: own, processes }))
  return { targets, databaseUrl: url, rest: { url: server.url, token: crowds[0]?.[0]?.token ?? '' } }
}

/** The same frames through a bare server that only publishes: its clients send what Parley would have made of their messages. */
export async function bareRooms(shapes: readonly Shape[]): Promise<RoomsTarget[]> {
  const server = await startParley({}, join(import.meta.dir, '../limits/bare-publish.ts'))
  const rooms = shapes.flatMap(({ rooms, clients }, shape) =>
    Array.from({ length: rooms }, (_, index) => ({
      urls: new Array<string>(clients).fill(`${server.wsUrl}/${shape}/${index}`),
      subscribe: null,
      frame: messageFrame(index + 1, NUMBERED_TEXT),
    })),
  )
  const processes = [{ name: 'server', pid: server.pid, memory: true }]
  return divided(rooms, shapes).map((own) => ({ rooms: own, processes }))
}

function divided<T>(rooms: readonly T[], shapes: readonly Shape[]): T[][] {
  const rest = rooms.values()
  return shapes.map(({ rooms: count }) => rest.take(count).toArray())
}
