import { afterAll, beforeAll, expect, test } from 'bun:test'
import { startApp, type TestApp } from '../../support/app.ts'
import { mostInKernel } from '../../support/kernel-buffers.ts'
import { until } from '../../support/until.ts'
import { expectEnd } from './support/audience.ts'
import { contractNamed } from './support/contracts.ts'
import { coreId, coreUser } from './support/core-ids.ts'
import { readChats } from './support/direct-list.ts'
import { makePair, makePeople, makeRoom, type Person, type Room } from './support/people.ts'
import { openSlowReader } from './support/slow-reader.ts'
import { listen } from './support/sockets.ts'
import { insertOld, openTables, type Tables } from './support/stored.ts'
import { startTalk } from './support/talk.ts'

const FILLER = 'x'.repeat(14_000)
/** Together more than the kernel keeps for a client that does not read; an even number, since two people said them in turn. */
const OLD = 2 * Math.ceil((mostInKernel() + 5_000_000) / FILLER.length / 2)
/** What is said meanwhile: 60 kB on the wire each, and together more than the kernel keeps. */
const BUBBLES = '\u{1f4ac}'.repeat(15_000)
const NEW = Math.ceil((mostInKernel() + 5_000_000) / 60_000)
/** The queue of the server is bounded in bytes. */
const AT_ONCE = 200
/** How often in turn a count has to be the same. */
const STILL = 20

let app: TestApp
let tables: Tables

beforeAll(async () => {
  app = await startApp({ MAX_MESSAGE_LENGTH: '16000', MAX_BODY_BYTES: '131072' })
  tables = openTables(app.databaseUrl)
})

afterAll(async () => {
  await tables.close()
  await app.close()
})

test('a slow reader receives all old and all new messages in order, and then has read them', async () => {
  const { room, alice, bob } = await oldChat()
  const speaker = await listen(contractNamed('v1'), { server: app, room, person: alice })
  const slow = await openSlowReader(addressOf(room, bob))
  await slow.take(1_000_000)
  for (let count = 1; count <= 20; count++) {
    speaker.say(`meanwhile ${count}`)
    await slow.take(100_000)
  }
  await until(async () => (await tables.messages(room)).length === OLD + 20, 'what was said meanwhile')
  expect(slow.ids.length).toBeLessThan(OLD)
  expect(await unread(bob)).toBe(OLD / 2 + 20)

  slow.readAll()
  await until(() => slow.ids.length >= OLD + 20, 'everything to arrive')
  speaker.say('the last one')
  await until(() => slow.ids.length > OLD + 20, 'the last one to arrive')
  expect(slow.ids).toEqual((await tables.messages(room)).map(({ id }) => id))
  await until(async () => (await unread(bob)) === 0, 'everything to be read')
  slow.cut()
  await speaker.socket.close()
})

test('a reader who disconnects during the replay has read nothing', async () => {
  const { room, alice, bob } = await oldChat()
  const slow = await openSlowReader(addressOf(room, bob))
  await slow.take(1_000_000)
  expect(slow.ids.length).toBeGreaterThan(10)
  slow.cut()
  await until(() => app.core.feed.size === 0, 'the server to notice')
  // What would have been marked at its end is written by the time that another's mark is.
  const other = await listen(contractNamed('direct chats'), { server: app, room, person: alice })
  await until(async () => (await unread(alice)) === 0, 'another one to have read everything')
  expect(await unread(bob)).toBe(OLD / 2)
  await other.socket.close()
})

test('a reader who disconnects while catching up has not read the messages still to come', async () => {
  const [alice, bob] = await makePair(app, 'alice', 'bob')
  const room = await makeRoom(app, 'direct', alice, [bob])
  // One page of the old, and then more that comes meanwhile than fits into the kernel's buffers.
  await insertOld(tables.sql, room, [alice, bob], 200, 'x'.repeat(100_000))
  const slow = await openSlowReader(addressOf(room, bob))
  await slow.take(1_000_000)
  for (let left = NEW; left > 0; left -= AT_ONCE)
    await Promise.all(Array.from({ length: Math.min(left, AT_ONCE) }, () => post(room, alice, BUBBLES)))
  expect(await unread(bob)).toBe(100 + NEW)
  while (slow.ids.length < 200) await slow.take(100_000)
  // The kernel takes some of what comes after the old, more on one machine than on another.
  await until(async () => ((await unread(bob)) ?? 0) <= NEW, 'the old to be read')
  await slow.take(100_000)
  const before = await settled(() => unread(bob))
  expect(before).toBeGreaterThan(0)
  slow.cut()
  await until(() => app.core.feed.size === 0, 'the server to notice')
  const other = await listen(contractNamed('direct chats'), { server: app, room, person: alice })
  await until(async () => (await unread(alice)) === 0, 'another one to have read everything')
  expect(await unread(bob)).toBe(before)
  await other.socket.close()
})

test('v1: a client that connects while others send gets history and stream without a gap', async () => {
  const [owner, ...people] = await makePeople(app, 'owner', 'talker', 'second-talker', 'listener')
  const [talker, second, person] = people
  if (owner === undefined || talker === undefined || second === undefined || person === undefined)
    throw new Error('too few came')
  const room = await makeRoom(app, 'public', owner, people)
  const talk = await startTalk(app, room, [talker, second])
  const contract = contractNamed('v1')
  const listeners: Awaited<ReturnType<typeof listen>>[] = []
  for (let count = 0; count < 20; count++) {
    const said = talk.said() + Math.floor(Math.random() * 100)
    await until(() => talk.said() >= said, 'some talk')
    listeners.push(await listen(contract, { server: app, room, person }))
  }
  await until(() => listeners.every(({ messages }) => messages().length > 60), 'a history and some talk')
  await talk.stop()
  const stored = await tables.messages(room)
  const at = { server: app, room, person }
  for (const listener of listeners) await expectEnd({ contract, at, listener }, room, stored)
  await Promise.all(listeners.map(({ socket }) => socket.close()))
})

/** Resolves to a count once it stands still: what the kernel takes is read, and nothing more fits in. */
async function settled(count: () => Promise<number | undefined>): Promise<number | undefined> {
  let last = await count()
  let same = 0
  await until(async () => {
    const now = await count()
    same = now === last ? same + 1 : 0
    last = now
    return same >= STILL
  }, 'the count to stand still')
  return last
}

/** A direct chat with a long past, of which neither side has read anything. */
async function oldChat(): Promise<{ room: Room; alice: Person; bob: Person }> {
  const [alice, bob] = await makePair(app, 'alice', 'bob')
  const room = await makeRoom(app, 'direct', alice, [bob])
  await insertOld(tables.sql, room, [alice, bob], OLD, FILLER)
  return { room, alice, bob }
}

function post(room: Room, person: Person, body: string) {
  const message = { body, kind: 'text', clientId: crypto.randomUUID(), replyTo: null, details: null }
  return app.chat.messages.post(coreId(room.id), coreUser(person), message)
}

function addressOf(room: Room, person: Person): string {
  return contractNamed('direct chats').socket.address({ server: app, room, person }).url
}

async function unread(person: Person): Promise<number | undefined> {
  return (await readChats(app, person))[0]?.unread_count
}
