import { afterAll, beforeAll, expect, test } from 'bun:test'
import postgres, { type Sql } from 'postgres'
import { type ParleyProcess, startParley } from '../support/parley-process.ts'
import { createMigratedDatabase } from '../support/shared-postgres.ts'
import { until } from '../support/until.ts'
import { findGaps, readStored } from './numbers.ts'
import { judge } from './oracle.ts'
import { unlimited } from './unlimited.ts'
import { createClients } from './v1-client.ts'
import { createRoom, createUser, readHistory } from './v1-rest.ts'

let parley: ParleyProcess
let sql: Sql

beforeAll(async () => {
  const url = await createMigratedDatabase()
  // More lanes than one is the harder case.
  parley = await startParley({ ...unlimited, DATABASE_URL: url, DATABASE_LANES: '2' })
  sql = postgres(url, { max: 1 })
})

afterAll(async () => {
  await sql.end()
  await parley.remove()
})

test('64 senders at once in one room: one order, the same for everyone', async () => {
  const clients = createClients()
  const room = await createRoom(parley, 'one for all')
  const users = await createUsers('speaker', 64)
  const listener = await createUser(parley, 'listener')
  const connect = (user: string) => clients.connect(parley, { room, user })

  const listeners = await Promise.all(Array.from({ length: 16 }, () => connect(listener)))
  const speakers = await Promise.all(users.map(connect))
  const talk = Promise.all(
    speakers.map(async (speaker, index) => {
      for (let turn = 1; turn <= 10; turn++) {
        await Promise.all(range(5).map((count) => speaker.say(`${index}: ${turn}.${count}`)))
      }
    }),
  )
  // Others come while it goes on, and must be handed from the history to what happens.
  const doors = range(4).map(() => comeUntil(talk, () => connect(listener)))
  const late = (await Promise.all(doors)).flat()
  expect(late.length).toBeGreaterThan(doors.length)
  expect(clients.sendings.filter(({ acked }) => !acked)).toEqual([])

  const stored = await readHistory(parley, room)
  const last = stored.at(-1)?.id
  const everyone = [...listeners, ...speakers, ...late]
  const hasAll = () => everyone.every(({ viewing }) => viewing.messages.at(-1)?.id === last)
  await until(hasAll, 'everyone to have everything')
  expect(stored).toHaveLength(64 * 50)
  expect(judge({ ...clients, stored: new Map([[room, stored]]) })).toEqual([])
  expect(clients.refusals).toEqual([])
  expect(await findGaps(sql)).toEqual([])
  await Promise.all(everyone.map((socket) => socket.leave()))
})

test('64 senders over 1,000 rooms: one order in each, the same for everyone', async () => {
  const clients = createClients()
  const users = await createUsers('walker', 64)
  const listener = await createUser(parley, 'ears')
  const rooms = await inTurns(range(1000), 32, (index) => createRoom(parley, `room ${index}`))
  const speakerOf = (index: number) => users[index % users.length] ?? ''
  const speakers = await inTurns([...rooms.entries()], 32, ([index, room]) =>
    clients.connect(parley, { room, user: speakerOf(index) }),
  )
  const listeners = await inTurns(
    rooms.filter((_, index) => index % 16 === 0),
    32,
    (room) => clients.connect(parley, { room, user: listener }),
  )

  // Each speaker talks in all of their own rooms at once, and by requests in some of their neighbour's, one by one.
  const talks = speakers.flatMap((speaker, index) =>
    range(4).map((count) => speaker.say(`room ${index}: ${count}`)),
  )
  const visits = users.map(async (user, index) => {
    for (const [room, id] of rooms.entries()) {
      if (speakerOf(room + 1) === user)
        await clients.post(parley, { room: id, user }, `${index} visits ${room}`)
    }
  })
  await Promise.all([...talks, ...visits])

  const all = await readStored(sql)
  const stored = new Map(rooms.map((room) => [room, all.get(room) ?? []]))
  expect([...stored.values()].every((messages) => messages.length === 5)).toBe(true)
  const sockets = [...speakers, ...listeners]
  await until(
    () => sockets.every(({ viewing }) => viewing.messages.length >= 5),
    'everyone to have everything',
  )
  expect(judge({ ...clients, stored })).toEqual([])
  expect(clients.refusals).toEqual([])
  expect(await findGaps(sql)).toEqual([])
  await Promise.all(sockets.map((socket) => socket.leave()))
})

/** One after the other until it ends; 100 at most. */
async function comeUntil<T>(end: Promise<unknown>, come: () => Promise<T>): Promise<T[]> {
  let over = false
  const ended = end.finally(() => {
    over = true
  })
  const came: T[] = []
  while (!over && came.length < 100) came.push(await come())
  await ended
  return came
}

function createUsers(name: string, count: number): Promise<string[]> {
  return Promise.all(range(count).map((index) => createUser(parley, `${name}${index}`)))
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index)
}

/** In the order of the items, at most `width` at once. */
async function inTurns<T, R>(items: readonly T[], width: number, run: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  for (let from = 0; from < items.length; from += width) {
    results.push(...(await Promise.all(items.slice(from, from + width).map(run))))
  }
  return results
}
