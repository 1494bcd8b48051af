import { afterAll, beforeAll, expect, test } from 'bun:test'
import { startApp, type TestApp } from '../../support/app.ts'
import { until } from '../../support/until.ts'
import { contractNamed } from './support/contracts.ts'
import { readChats } from './support/direct-list.ts'
import { makePair, makeRoom } from './support/people.ts'
import { listen } from './support/sockets.ts'
import { insertOld, openTables, type Tables } from './support/stored.ts'
import { countsWhatWasNotShown } from './support/unread-property.ts'

let app: TestApp
let tables: Tables

beforeAll(async () => {
  app = await startApp()
  tables = openTables(app.databaseUrl)
})

afterAll(async () => {
  await tables.close()
  await app.close()
})

test('whatever two users do, exactly the messages that they have not been shown count as unread', () =>
  countsWhatWasNotShown(app, tables, 12))

test('a user who leaves while catching up reads nothing more', async () => {
  const [alice, bob] = await makePair(app, 'alice', 'bob')
  const room = await makeRoom(app, 'direct', alice, [bob])
  const direct = contractNamed('direct chats')
  const speaker = await listen(direct, { server: app, room, person: alice })
  speaker.say('one')
  await until(() => speaker.messages().length === 1, 'the message')

  // What another node has written makes the newcomer wait for the stream, which cannot be read while this is locked.
  const gate = Promise.withResolvers<void>()
  const locked = Promise.withResolvers<void>()
  const holding = tables.sql.begin(async (tx) => {
    await tx`lock table room_events in access exclusive mode`
    locked.resolve()
    await gate.promise
  })
  await locked.promise
  await insertOld(tables.sql, room, [alice, bob], 1)
  const reader = await listen(direct, { server: app, room, person: bob })
  await until(() => reader.messages().length === 2, 'the beginning')
  await reader.socket.close()
  gate.resolve()
  await holding
  await until(() => speaker.messages().length === 2, 'the stream to go on')

  // Bob's mark would be written beside Alice's: after a few of hers it would be seen.
  for (let seq = 3; seq <= 8; seq++) {
    speaker.say(`${seq}`)
    await until(async () => (await tables.readMarks(room)).get(alice.id) === seq, 'Alice to have read it')
  }
  expect((await tables.readMarks(room)).get(bob.id)).toBe(2)
  expect((await readChats(app, bob)).map(({ unread_count }) => unread_count)).toEqual([6])
  await speaker.socket.close()
})
