import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { ask } from '../api/support/rest.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { until } from '../support/until.ts'
import { listenThroughAll } from './support/audience.ts'
import { contractNamed, contractsOf } from './support/contracts.ts'
import { makePair, makeRoom, type Person } from './support/people.ts'
import { openTables, type Tables } from './support/stored.ts'

setDefaultTimeout(30_000)

let app: TestApp
let tables: Tables
let people: [Person, Person]

beforeAll(async () => {
  app = await startApp()
  tables = openTables(app.databaseUrl)
  people = await makePair(app, 'alice', 'bob')
})

afterAll(async () => {
  await tables.close()
  await app.close()
})

const names = [
  'with spaces  in it ',
  ' leading',
  'a/b/',
  '/',
  '//',
  '../up',
  '...',
  'a?b=c&d#e',
  '100%',
  '%2F',
  '%2e%2e',
  '%',
  'a+b',
  'a;b=c,d',
  'back\\slash',
  '"quoted" \'twice\' `thrice`',
  '{"json": true}',
  '12a',
  '-1',
  '1.0',
  '1e3',
  '0x10',
  '１２',
  '٣٤',
  'null',
  'true',
  '__proto__',
  'constructor',
  'всі 房间 غرفة',
  '\u202eright to left',
  'e\u0301 and \u00e9',
  '\u2028 and \u0085',
  'tab\there',
  '👩‍👩‍👧 family',
  '*:pattern?',
  'messages',
  'all',
  'groups/all/join',
  'x'.repeat(100),
  '😀'.repeat(100),
]

test.each(names)('a room named %j is one room in every contract', async (name) => {
  const [alice, bob] = people
  const room = await makeRoom(app, 'private', alice, [bob], name)
  expect(room.name).toBe(name)
  const at = { place: app, room, person: bob }
  const listeners = await listenThroughAll(at)
  await contractNamed('live chat').post?.({ ...at, person: alice }, 'by a request')
  const [first] = listeners
  first?.listener.say('by a socket')

  const stored = await until(async () => {
    const found = await tables.messages(room)
    return found.length === 2 && found
  }, 'both to be stored')
  for (const { contract, listener } of listeners) {
    await until(() => listener.messages().length >= 2, `both to arrive on ${contract.name}`)
    expect(listener.messages()).toEqual(stored.map((message) => contract.show(message, room)))
  }
  for (const contract of contractsOf('private')) {
    expect(await contract.history?.(at)).toEqual(stored.map((message) => contract.show(message, room)))
  }
  await Promise.all(listeners.map(({ listener }) => listener.socket.close()))

  const group = `${app.url}/api/chat/groups/${encodeURIComponent(name)}`
  const members = await ask('GET', `${group}/members/`, { token: bob.token })
  expect(members.json).toMatchObject([{ id: alice.id }, { id: bob.id }])
  expect((await ask('POST', `${group}/leave/`, { token: bob.token })).status).toBe(204)
})

test('names that differ in nothing but their code points are different rooms', async () => {
  const [alice, bob] = people
  for (const name of ['Caf\u00e9', 'Cafe\u0301', 'caf\u00e9', 'Caf\u00e9 ', 'Ｃaf\u00e9']) {
    const room = await makeRoom(app, 'private', alice, [bob], name)
    await contractNamed('live chat').post?.({ place: app, room, person: bob }, `in ${name}`)
    expect((await tables.messages(room)).map(({ body }) => body)).toEqual([`in ${name}`])
  }
})
