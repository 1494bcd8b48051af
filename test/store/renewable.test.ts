import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { connect, createServer, type Socket } from 'node:net'
import { MIGRATIONS } from '../../src/app.ts'
import { connectDatabase } from '../../src/store/connect.ts'
import { createStore } from '../../src/store/index.ts'
import { migrate } from '../../src/store/migrations.ts'
import { id } from '../core/fakes/values.ts'
import { sharedPostgres } from '../support/shared-postgres.ts'
import { until } from '../support/until.ts'

setDefaultTimeout(30_000)

let url: string
let way: Way

beforeAll(async () => {
  url = await (await sharedPostgres()).createDatabase()
  way = await openWay(Number(new URL(url).port))
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

  way.swallow()
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

interface Way {
  readonly port: number
  /** Whatever comes over the connections that are open now is lost, in both directions. */
  swallow(): void
  close(): void
}

async function openWay(to: number): Promise<Way> {
  const pairs = new Set<readonly [Socket, Socket]>()
  const listener = createServer((client) => {
    const server = connect(to, '127.0.0.1')
    client.pipe(server).pipe(client)
    for (const end of [client, server]) end.on('error', () => end.destroy())
    pairs.add([client, server])
  })
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  const address = listener.address()
  if (typeof address !== 'object' || address === null) throw new Error('there is no port')
  return {
    port: address.port,
    swallow() {
      for (const [client, server] of pairs) {
        client.unpipe(server)
        server.unpipe(client)
        client.resume()
        server.resume()
      }
    },
    close() {
      listener.close()
      for (const pair of pairs) for (const end of pair) end.destroy()
    },
  }
}
