import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { startApp, type TestApp } from '../../support/app.ts'
import { until } from '../../support/until.ts'
import { ask } from '../support/rest.ts'
import { type ContractCase, contractsOf } from './support/contracts.ts'
import { coreId, coreUser } from './support/core-ids.ts'
import { readChats } from './support/direct-list.ts'
import { type Kind, makePair, makeRoom, type Person, type Room } from './support/people.ts'
import { asUnread, lastMessage } from './support/shapes.ts'
import { type Listener, listen } from './support/sockets.ts'
import { openTables, type Stored, type Tables } from './support/stored.ts'

let app: TestApp
/** Another node of the same database, of which the first one hears nothing: there is no Redis. */
let other: TestApp
let tables: Tables

beforeAll(async () => {
  app = await startApp()
  other = await startApp({ DATABASE_URL: app.databaseUrl })
  tables = openTables(app.databaseUrl)
})

afterAll(async () => {
  await tables.close()
  await other.close()
  await app.close()
})

const kinds: Kind[] = ['public', 'private', 'game', 'direct']
const nodes = kinds.flatMap((kind) => [
  { kind, where: 'here', node: () => app },
  { kind, where: 'on another node', node: () => other },
])

describe.each(nodes)('edited and deleted $where, in a $kind room', ({ kind, node }) => {
  test('histories show the current form, and connected clients receive only valid frames', async () => {
    const [alice, bob] = await makePair(app, 'alice', 'bob')
    const room = await makeRoom(app, kind, alice, [bob])
    const one = await say(app, room, alice, 'one')
    const two = await say(app, room, alice, 'two')
    const listeners = await listenAll(kind, room, bob)
    const three = await say(app, room, alice, 'three')
    await expectShown(listeners, room, [one, two], [three])

    const at = { id: coreId(room.id) }
    await node().chat.messages.edit(at, coreUser(alice), { id: coreId(one.id) }, 'one, edited')
    await node().chat.messages.remove(at, coreUser(alice), { id: coreId(two.id) })
    await node().chat.messages.edit(at, coreUser(alice), { id: coreId(three.id) }, 'three, edited')
    await node().chat.messages.edit(at, coreUser(alice), { id: coreId(three.id) }, 'three, edited twice')
    const four = await say(app, room, alice, 'four')

    await expectShown(listeners, room, [one, two], [three, four])
    const left = [{ ...one, body: 'one, edited' }, { ...three, body: 'three, edited twice' }, four]
    expect(await tables.messages(room)).toEqual(left)
    await expectHistories(kind, room, bob, left)
    // A page may end before a message that is gone.
    const answer = await ask('GET', `${app.url}/api/v1/rooms/${room.id}/messages?before=${two.id}`, {
      token: bob.token,
    })
    expect(answer.json).toMatchObject([{ id: String(one.id) }])
    await Promise.all(listeners.map(({ listener }) => listener.socket.close()))
  })
})

test.each(kinds)(
  'a message that another node sends and changes at once is shown once, in its latest form: %s',
  async (kind) => {
    const [alice, bob] = await makePair(app, 'alice', 'bob')
    const room = await makeRoom(app, kind, alice, [bob])
    const listeners = await listenAll(kind, room, bob)
    // The first node has just looked when it shows this, so that it does not look in the middle of what comes.
    const zero = await say(other, room, alice, 'zero')
    await expectShown(listeners, room, [], [zero])
    const at = { id: coreId(room.id) }
    const one = await say(other, room, alice, 'one')
    const two = await say(other, room, alice, 'two')
    await other.chat.messages.edit(at, coreUser(alice), { id: coreId(one.id) }, 'one, edited')
    await other.chat.messages.remove(at, coreUser(alice), { id: coreId(two.id) })
    const three = await say(app, room, alice, 'three')

    const left = [zero, { ...one, body: 'one, edited' }, three]
    await expectShown(listeners, room, [], left)
    await expectHistories(kind, room, bob, left)
    await Promise.all(listeners.map(({ listener }) => listener.socket.close()))
  },
)

test('the list of direct chats counts and shows messages in their current form', async () => {
  const [alice, bob] = await makePair(app, 'alice', 'bob')
  const room = await makeRoom(app, 'direct', alice, [bob])
  const at = { id: coreId(room.id) }
  const one = await say(app, room, alice, 'one')
  const two = await say(app, room, alice, 'two')
  const three = await say(app, room, alice, 'three')
  const shown = async () => (await readChats(app, bob)).map((chat) => [chat.unread_count, chat.last_message])

  expect(await shown()).toEqual([[3, lastMessage(three)]])
  await app.chat.messages.remove(at, coreUser(alice), { id: coreId(one.id) })
  expect(await shown()).toEqual([[2, lastMessage(three)]])
  await app.chat.messages.remove(at, coreUser(alice), { id: coreId(three.id) })
  expect(await shown()).toEqual([[1, lastMessage(two)]])
  await app.chat.messages.edit(at, coreUser(alice), { id: coreId(two.id) }, 'two, edited')
  expect(await shown()).toEqual([[1, lastMessage({ ...two, body: 'two, edited' })]])
  await app.chat.messages.remove(at, coreUser(alice), { id: coreId(two.id) })
  expect(await shown()).toEqual([[0, null]])
})

/** Sends, and returns the message as it is stored. */
async function say(node: TestApp, room: Room, person: Person, body: string): Promise<Stored> {
  const message = { body, kind: 'text', clientId: crypto.randomUUID(), replyTo: null, details: null }
  const { id } = await node.chat.messages.post(coreId(room.id), coreUser(person), message)
  const stored = (await tables.messages(room)).find((message) => message.id === id)
  if (stored === undefined) throw new Error(`${body} is not stored`)
  return stored
}

async function listenAll(
  kind: Kind,
  room: Room,
  person: Person,
): Promise<{ contract: ContractCase; listener: Listener }[]> {
  return Promise.all(
    contractsOf(kind).map(async (contract) => ({
      contract,
      listener: await listen(contract, { server: app, room, person }),
    })),
  )
}

/** @param before what was there when the sockets were opened, which some contracts begin with */
async function expectShown(
  listeners: readonly { contract: ContractCase; listener: Listener }[],
  room: Room,
  before: readonly Stored[],
  live: readonly Stored[],
): Promise<void> {
  for (const { contract, listener } of listeners) {
    const begun = contract.name === 'v1' || contract.name === 'direct chats' ? before : []
    const expected = [...begun, ...live].map((message) => contract.show(message, room))
    await until(() => listener.messages().length >= expected.length, `the last message on ${contract.name}`)
    expect(listener.messages().map(asUnread)).toEqual(expected)
  }
}

/** Both by requests and on sockets that are opened now. */
async function expectHistories(
  kind: Kind,
  room: Room,
  person: Person,
  messages: readonly Stored[],
): Promise<void> {
  for (const contract of contractsOf(kind)) {
    const at = { server: app, room, person }
    const shown = messages.map((message) => contract.show(message, room))
    if (contract.history !== null) expect(await contract.history(at)).toEqual(shown)
    if (contract.name !== 'v1' && contract.name !== 'direct chats') continue
    const { messages: came, socket } = await listen(contract, at)
    await until(() => came().length >= shown.length, `the beginning of ${contract.name}`)
    expect(came().map(asUnread)).toEqual(shown)
    await socket.close()
  }
}
