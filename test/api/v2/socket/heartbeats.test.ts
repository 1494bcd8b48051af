import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { startApp, type TestApp } from '../../../support/app.ts'
import { makeRoom, type Person, person, say } from '../support/people.ts'
import { enter, reached, send } from '../support/rooms.ts'
import { connect, type V2Client } from '../support/v2-client.ts'

let app: TestApp
let owner: Person

beforeAll(async () => {
  app = await startApp({ SOCKET_HEARTBEAT_MS: '200' })
  owner = await person(app)
})
afterAll(() => app.close())

describe('heartbeats', () => {
  test('give the last number sent for each room, if it has moved', async () => {
    const [busy, quiet, unheard] = [
      await makeRoom(app, owner),
      await makeRoom(app, owner),
      await makeRoom(app, owner),
    ]
    const client = await connect(app, owner)
    expect((await client.heard('hello')).heartbeat_ms).toBe(200)
    await enter(client, busy)
    await enter(client, quiet)
    for (let n = 0; n < 3; n++) {
      await say(app, unheard, owner, 'unheard')
      const { seq } = await send(client, busy, 'heard')
      await client.heard('heartbeat', ({ heads }) => heads[busy] === seq)
    }
    const from = client.frames.length
    await client.until(() => client.all('heartbeat', from).length >= 3, 'three more')
    const later = client.all('heartbeat', from)
    expect(later.map(({ heads }) => heads)).toEqual(later.map(() => ({})))
    const told = client.all('heartbeat').flatMap(({ heads }) => Object.entries(heads))
    expect(told.filter(([room]) => room === `${quiet}`)).toEqual([[`${quiet}`, 1]])
    expect(told.filter(([room]) => room === `${unheard}`)).toEqual([])
    const numbers = told.filter(([room]) => room === `${busy}`).map(([, head]) => head)
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b))
    await client.close()
  })

  test('do not include rooms that are no longer subscribed', async () => {
    const room = await makeRoom(app, owner)
    const client = await connect(app, owner)
    await enter(client, room)
    await client.ask({ type: 'unsubscribe', room })
    const from = client.frames.length
    await client.until(() => client.all('heartbeat', from).length >= 2, 'heartbeats')
    expect(client.all('heartbeat', from).map(({ heads }) => heads[room])).toEqual([undefined, undefined])
    await client.close()
  })

  test('agree with the delivered events under load', async () => {
    const room = await makeRoom(app, owner)
    const client = await connect(app, owner)
    await enter(client, room)
    // What a heartbeat says is compared with what has come: see `problems`.
    let last = 0
    while (client.all('heartbeat').length < 5) last = await say(app, room, owner, 'and on')
    await reached(client, room, last)
    expect(client.all('heartbeat').some(({ heads }) => heads[room] !== undefined)).toBe(true)
    await client.close()
  })

  test('are not sent before identification', async () => {
    const [nobody, somebody] = [await connect(app, null), await connect(app, owner)]
    await somebody.until(() => somebody.all('heartbeat').length >= 3, 'heartbeats')
    expect(nobody.frames.map(({ type }) => type)).toEqual(['hello'])
    await Promise.all([nobody.close(), somebody.close()])
  })
})

test('a server that stops tells each client when to reconnect, and closes it with 1012', async () => {
  const stopping = await startApp({ DATABASE_URL: app.databaseUrl })
  const room = await makeRoom(stopping, owner)
  const clients = await Promise.all(Array.from({ length: 20 }, () => connect(stopping, owner)))
  for (const client of clients) await enter(client, room)
  const nobody = await connect(stopping, null)
  const [speaker] = clients
  if (speaker === undefined) throw new Error('there are clients')
  for (let n = 0; n < 50; n++) speaker.askAs({ type: 'send', id: `send ${n}`, room, body: `${n}` })
  await speaker.heard('result', ({ id }) => id === 'send 0')
  await stopping.close()
  const delays = await Promise.all([...clients, nobody].map(delayOf))
  expect(new Set(delays).size).toBeGreaterThan(10)
  for (const delay of delays) expect(delay).toBeLessThanOrEqual(1000)
  // What was under way has its answer, and everyone has heard it.
  const sent = speaker.all('result').filter(({ data }) => 'message' in data)
  for (const client of clients) {
    expect(client.problems).toEqual([])
    expect(client.all('message').length).toBeGreaterThanOrEqual(sent.length)
  }
})

async function delayOf(client: V2Client): Promise<number> {
  expect(await client.closed).toMatchObject({ code: 1012 })
  const last = client.frames.at(-1)
  if (last?.type !== 'going_away') throw new Error(`the last frame is ${last?.type}`)
  return last.reconnect_after_ms
}
