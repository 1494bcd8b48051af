// Rooms found by name, and listed by activity.
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { FoundRooms, Message, RecentPage, Room } from '../../../../src/api/v2/wire/index.ts'
import { startApp, type TestApp } from '../../../support/app.ts'
import { type Person, person } from '../../support/contracts/people.ts'
import { bodyOf, call, expectProblem, get } from './support/client.ts'

let app: TestApp
let ann: Person
let bob: Person

beforeAll(async () => {
  app = await startApp()
  ann = await person(app)
  bob = await person(app)
})
afterAll(() => app.close())

async function made(who: Person, name: string, kind = 'public'): Promise<Room> {
  return bodyOf(await call(app, who, 'POST', '/rooms', { name, kind }), 201, Room)
}

test('rooms are found by how their names begin, hidden ones only by their members', async () => {
  const open = await made(ann, 'Engineering')
  const hidden = await made(bob, 'engine room', 'private')
  const find = async (who: Person, query: string) =>
    (await get(app, who, `/search/rooms?${query}`, FoundRooms)).items.map(({ id }) => id)
  expect(await find(ann, 'name=ENGIN')).toEqual([open.id])
  expect(await find(bob, 'name=engin')).toEqual([hidden.id, open.id])
  expect(await find(bob, 'name=engin&limit=1')).toEqual([hidden.id])
  expect(await find(bob, 'name=nothing')).toEqual([])
  expect((await get(app, bob, '/search/rooms?name=engineering', FoundRooms)).items).toMatchObject([
    { name: 'Engineering', role: null },
  ])
})

test('a search without an acceptable name or by nobody is refused', async () => {
  for (const query of ['', '?name=', `?name=${'x'.repeat(101)}`, '?name=%00', '?name=a&limit=201'])
    expectProblem(await call(app, ann, 'GET', `/search/rooms${query}`), 400, 'invalid')
  expectProblem(await call(app, null, 'GET', '/search/rooms?name=a'), 401, 'unauthenticated')
  expectProblem(await call(app, null, 'GET', '/recent'), 401, 'unauthenticated')
})

test('rooms are listed by their latest message, page by page', async () => {
  const cid = await person(app)
  const rooms = [
    await made(cid, 'one of cid'),
    await made(cid, 'two of cid'),
    await made(cid, 'three of cid'),
  ]
  const [first, second, third] = rooms.map(({ id }) => id)
  const send = async (room: number | undefined, body: string) =>
    bodyOf(await call(app, cid, 'POST', `/rooms/${room}/messages`, { body }), 201, Message)
  await send(third, 'a')
  await send(second, 'b')
  const last = await send(first, 'c')
  const page = await get(app, cid, '/recent?limit=2', RecentPage)
  expect(page.items.map(({ room, last_message }) => [room.id, last_message?.body])).toEqual([
    [first, 'c'],
    [second, 'b'],
  ])
  expect(page.items[0]?.last_message).toEqual(last)
  const next = await get(app, cid, `/recent?limit=2&cursor=${page.next}`, RecentPage)
  expect(next.items.map(({ room }) => room.id)).toEqual([third ?? 0])
  expect(next.next).toBeNull()
  expectProblem(await call(app, cid, 'GET', '/recent?cursor=x'), 400, 'invalid')
})
