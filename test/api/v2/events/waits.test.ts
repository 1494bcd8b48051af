import { afterAll, beforeAll, expect, test } from 'bun:test'
import { startApp, type TestApp } from '../../../support/app.ts'
import { until } from '../../../support/until.ts'
import { makeRoom, type Person, pair, say } from '../support/people.ts'

let app: TestApp

beforeAll(async () => {
  app = await startApp()
})
afterAll(() => app.close())

function changes(who: Person, room: number, query: string, signal?: AbortSignal): Promise<Response> {
  return fetch(`${app.url}/api/v2/rooms/${room}/changes?${query}`, {
    headers: { authorization: `Bearer ${who.token}` },
    ...(signal === undefined ? {} : { signal }),
  })
}

/** Waits until so many requests follow rooms. */
const following = (count: number) =>
  until(() => app.core.feed.size === count, `${count} rooms to be followed`)

test('a request for changes waits for them, and is answered when they come', async () => {
  const [ann, ben] = await pair(app)
  const room = await makeRoom(app, ann, [ben])
  const seq = await say(app, room, ben, 'known')
  expect(await (await changes(ann, room, `after=${seq - 1}&wait=30`)).json()).toMatchObject({ head: seq })
  const waiting = changes(ann, room, `after=${seq}&wait=30`)
  await following(1)
  const next = await say(app, room, ben, 'news')
  const page = await (await waiting).json()
  expect(page).toMatchObject({ head: next, items: [{ type: 'message', seq: next }] })
  await following(0)
})

test('it is empty after its time, and refused to whoever was removed meanwhile', async () => {
  const [ann, ben] = await pair(app)
  const room = await makeRoom(app, ann, [ben])
  const seq = await say(app, room, ben, 'known')
  expect(await (await changes(ann, room, `after=${seq}&wait=1`)).json()).toEqual({
    items: [],
    head: seq,
    next: null,
  })
  // A number that there is not yet is of a history that was rewritten.
  expect(await (await changes(ann, room, `after=${seq + 5}&wait=30`)).json()).toMatchObject({ items: [] })
  const waiting = changes(ben, room, `after=${seq}&wait=30`)
  await following(1)
  await app.chat.membership.remove({ id: room }, ann, ben.id)
  expect((await waiting).status).toBe(404)
  expect((await changes(ann, room, 'wait=31')).status).toBe(400)
})

test('a user has twenty that wait, and one that is given up makes room', async () => {
  const [ann, ben] = await pair(app)
  const room = await makeRoom(app, ann, [ben])
  const seq = await say(app, room, ben, 'known')
  const abort = new AbortController()
  const given = changes(ann, room, `after=${seq}&wait=30`, abort.signal).catch(() => null)
  await following(1)
  const statuses: number[] = []
  const rest = Array.from({ length: 25 }, async () => {
    statuses.push((await changes(ann, room, `after=${seq}&wait=30`)).status)
  })
  await until(() => statuses.length === 6, 'those beyond the limit to be refused')
  expect(new Set(statuses)).toEqual(new Set([429]))
  abort.abort()
  await given
  await until(
    async () => (await changes(ann, room, `after=${seq}&wait=1`)).status === 200,
    'room for another',
  )
  await say(app, room, ben, 'news')
  await Promise.all(rest)
  expect(statuses.filter((status) => status === 200)).toHaveLength(19)
  await following(0)
})

test('a server that stops answers those that wait', async () => {
  const own = await startApp({ DATABASE_URL: app.databaseUrl })
  const [ann, ben] = await pair(own)
  const room = await makeRoom(own, ann, [ben])
  const seq = await say(own, room, ben, 'known')
  const waiting = fetch(`${own.url}/api/v2/rooms/${room}/changes?after=${seq}&wait=30`, {
    headers: { authorization: `Bearer ${ann.token}` },
  })
  await until(() => own.core.feed.size === 1, 'the request to wait')
  const began = performance.now()
  await own.close()
  // Long before it would have ended by itself.
  expect(performance.now() - began).toBeLessThan(20_000)
  expect(await (await waiting).json()).toMatchObject({ items: [] })
})
