import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { MIGRATIONS } from '../../src/app.ts'
import { connectDatabase } from '../../src/store/connect.ts'
import { createStore } from '../../src/store/index.ts'
import { migrate } from '../../src/store/migrations.ts'
import { id } from '../core/fakes/values.ts'
import { sharedPostgres } from '../support/shared-postgres.ts'
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts'
import { until } from '../support/until.ts'

setDefaultTimeout(30_000)

let url: string
let way: TcpProxy

beforeAll(async () => {
  url = await (await sharedPostgres()).createDatabase()
  way = await startTcpProxy({ port: Number(new URL(url).port) })
})
afterAll(() => way.close())

test('connections that take statements and never answer are left for new ones, by the pool and by each lane', async () => {
  const through = new URL(url)
  through.port = String(way.port)
  const options = { url: through.href, poolSize: 2, lanes: 2, prepare: true, statementTimeoutMs: 200 }
  const clients = connectDatabase(options)
  const store = createStore(clients.sql, clients.lanes, { queryTimeoutMs: 300, renew: clients.renew })
  await migrate(clients.sql, MIGRATIONS)
  const sender = await store.createUser('sender', null, 'person')
  const room = await store.createRoom({
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
      drafts: [{ roomId: room.id, sender, clientId, kind: 'text', body: 'said', replyTo: null }],
    })
  for (const lane of [0, 1]) expect((await append(lane, `before ${lane}`)).seqs).toEqual([id(2 + lane)])

  way.silence('swallow')
  await expect(store.ping()).rejects.toMatchObject({ kind: 'unavailable' })
  for (const lane of [0, 1]) {
    await expect(append(lane, `lost ${lane}`)).rejects.toMatchObject({ kind: 'unavailable' })
  }
  for (const lane of [0, 1]) expect((await append(lane, `after ${lane}`)).seqs).toEqual([id(4 + lane)])
  await until(() => store.ping().then(() => true), 'the pool to answer')
  // Times are read as before: drizzle's changes are made to the new client, too.
  expect((await store.usersById([sender.id]))[0]?.createdAt).toEqual(sender.createdAt)
  await clients.close()
})
