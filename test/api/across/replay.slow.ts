import { afterAll, beforeAll, expect, test } from 'bun:test'
import { unlimited } from '../../e2e/unlimited.ts'
import { type ParleyProcess, startParley } from '../../support/parley-process.ts'
import { createMigratedDatabase } from '../../support/shared-postgres.ts'
import { until } from '../../support/until.ts'
import { expectEnd } from './support/audience.ts'
import { contractNamed } from './support/contracts.ts'
import { readChats } from './support/direct-list.ts'
import { makePair, makePeople, makeRoom, type Person } from './support/people.ts'
import { peakMemory } from './support/process-memory.ts'
import { measureRoundTrips, openRoundTrips } from './support/round-trips.ts'
import { openSlowReader } from './support/slow-reader.ts'
import { type Listener, listen } from './support/sockets.ts'
import { insertOld, openTables, type Tables } from './support/stored.ts'
import { startTalk } from './support/talk.ts'

const OLD = 100_000
const FILLER = 'x'.repeat(400)
/** What a slow reader reads in a turn; that has fewer messages than `TURN`. */
const TURN_BYTES = 32_000
const TURN = 1000
const MIB = 2 ** 20

let parley: ParleyProcess
let tables: Tables

beforeAll(async () => {
  const url = await createMigratedDatabase()
  // The slow readers here answer no ping.
  parley = await startParley({ ...unlimited, DATABASE_URL: url, SOCKET_PONG_DEADLINE_MS: '3600000' })
  tables = openTables(url)
})

afterAll(async () => {
  await tables.close()
  await parley.remove()
})

test('slow readers of 100,000 old messages lose none of them and do not slow down the others', async () => {
  const [alice, bob] = await makePair(parley, 'alice', 'bob')
  const chat = await makeRoom(parley, 'direct', alice, [bob])
  await insertOld(tables.sql, chat, [alice, bob], OLD, FILLER)
  const { address } = contractNamed('direct chats').socket
  const addressOf = (person: Person) => address({ server: parley, room: chat, person }).url
  // One that reads at once, so that the server has reached its usual size before it is measured.
  const first = await openSlowReader(addressOf(alice))
  first.readAll()
  await until(() => first.ids.length === OLD, 'a quick reader to have everything', 60_000)
  first.cut()
  const healthy = await openRoundTrips(parley)
  await measureRoundTrips(healthy, 200)
  const before = await measureRoundTrips(healthy, 300)
  const memory = await peakMemory(parley.pid)

  const readers = await Promise.all(
    [alice, alice, alice, alice, bob, bob, bob, bob].map((person) => openSlowReader(addressOf(person))),
  )
  const speaker = await listen(contractNamed('v1'), { server: parley, room: chat, person: alice })
  // None of them reads for a while: the kernel's buffers fill, and then the server has to wait for each.
  const stalled = (await measureRoundTrips(healthy, 1000)).slice(-300)
  const times: number[] = []
  let said = 0
  // Each turn the slow ones take a little, and a healthy client goes there and back.
  for (let slow = readers; slow.length > 0; slow = readers.filter(({ ids }) => ids.length < OLD - TURN)) {
    const turn = Promise.all(slow.map((reader) => reader.take(TURN_BYTES)))
    times.push(...(await measureRoundTrips(healthy, 2)))
    await turn
    if (times.length % 10 === 0) speaker.say(`meanwhile ${++said}`)
    expect(readers.filter((reader) => reader.isClosed())).toEqual([])
  }
  const growth = (await peakMemory(parley.pid)) - memory
  for (const reader of readers) reader.readAll()
  speaker.say('the end')
  const ids = await until(async () => {
    const stored = await tables.messages(chat)
    return stored.length === OLD + said + 1 && stored.map(({ id }) => id)
  }, 'everything to be stored')
  await until(
    () => readers.every((reader) => reader.ids.length >= ids.length),
    'everything to arrive',
    60_000,
  )
  for (const reader of readers) expect(Bun.deepEquals(reader.ids, ids)).toBe(true)
  for (const person of [alice, bob])
    await until(async () => (await readChats(parley, person))[0]?.unread_count === 0, 'all to be read')

  const [usual, idle, meanwhile] = [median(before), median(stalled), median(times)]
  console.log(
    `${times.length / 2} turns, ${said} messages meanwhile; a healthy round trip took ${usual.toFixed(2)} ms before, ` +
      `${idle.toFixed(2)} ms while none of the slow ones read and ${meanwhile.toFixed(2)} ms while all did; ` +
      `the server's memory grew by ${Math.round(growth / MIB)} MiB`,
  )
  // Eight replays are some 420 MiB: kept in memory, they would show.
  expect(growth / MIB).toBeLessThan(150)
  // A replay that does not wait for its reader, or that runs without a pause, keeps everyone waiting for a second and more.
  expect(meanwhile / Math.max(usual, 5)).toBeLessThan(20)
  expect(idle / Math.max(usual, 2)).toBeLessThan(5)
  for (const reader of readers) reader.cut()
  await Promise.all([speaker.socket.close(), healthy.close()])
})

test('v1: 50 clients connect at random moments while others send, and none misses or repeats a message', async () => {
  const [owner, ...people] = await makePeople(parley, 'owner', 'one', 'two', 'three', 'listener')
  const person = people.at(-1)
  if (owner === undefined || person === undefined) throw new Error('too few came')
  const room = await makeRoom(parley, 'public', owner, people)
  const talk = await startTalk(parley, room, people.slice(0, -1))
  const contract = contractNamed('v1')
  const at = { server: parley, room, person }
  const listeners: Listener[] = await Promise.all(
    Array.from({ length: 50 }, async () => {
      const moment = Math.floor(Math.random() * 3000)
      await until(() => talk.said() >= moment, 'some talk', 60_000)
      return listen(contract, at)
    }),
  )
  await until(() => listeners.every(({ messages }) => messages().length > 60), 'a history and some talk')
  await talk.stop()
  const stored = await tables.messages(room)
  for (const listener of listeners) await expectEnd({ contract, at, listener }, room, stored)
  expect(stored.length).toBeGreaterThan(1000)
  await Promise.all(listeners.map(({ socket }) => socket.close()))
})

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}
