import { afterAll, beforeAll, expect, test } from 'bun:test'
import { connectDatabase } from '../../src/store/connection/connect.ts'
import { createStore } from '../../src/store/index.ts'
import { id } from '../core/fakes/values.ts'
import { createMigratedDatabase } from '../support/shared-postgres.ts'
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts'

let url: string
let way: TcpProxy

beforeAll(async () => {
  url = await createMigratedDatabase()
  way = await startTcpProxy({ port: Number(new URL(url).port) })
})
afterAll(() => way.close())

test('once one connection has not answered, the pool and each lane continue over new ones', async () => {
  const through = new URL(url)
  through.port = String(way.port)
  const options = { url: through.href, poolSize: 2, lanes: 2, prepare: true, statementTimeoutMs: 200 }
  const clients = connectDatabase(options)
  const store = createStore(clients.sql, clients.lanes, {
    queryTimeoutMs: 5000,
    appendTimeoutMs: 300,
    renew: clients.renew,
  })
  const sender = await store.createUser('sender', null, 'person')
  const { room } = await store.createRoom({
    name: 'a room',
    kind: 'public',
    creator: sender,
    description: '',
    avatar: '',
    invited: [],
  })
  const append = (lane: number, clientId: string) =>
    store.append(lane, {
      rooms: [room.id],
      counts: [1],
      drafts: [
        {
          ...{ roomId: room.id, sender, clientId, kind: 'text', body: 'said' },
          ...{ replyTo: null, inRoom: true, details: null },
        },
      ],
    })
  for (const lane of [0, 1]) expect((await append(lane, `before ${lane}`)).seqs).toEqual([id(2 + lane)])

  way.silence('swallow')
  await expect(append(0, 'lost')).rejects.toMatchObject({ kind: 'unavailable' })
  // The others need not find out for themselves.
  for (const lane of [0, 1]) expect((await append(lane, `after ${lane}`)).seqs).toEqual([id(4 + lane)])
  await store.ping()
  // Times are read as before: drizzle's changes are made to the new client, too.
  expect((await store.usersById([sender.id]))[0]?.createdAt).toEqual(sender.createdAt)
  await clients.close()
})
