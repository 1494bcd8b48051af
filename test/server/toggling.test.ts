// One client that changes its mind as fast as it may, in a room of many listeners: what it costs them, and everyone else.
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { ask } from '../api/support/rest.ts'
import { v1Client } from '../api/support/v1-client.ts'
import { enter, send } from '../api/v2/support/rooms.ts'
import { V2Client } from '../api/v2/support/v2-client.ts'
import { besideHealth } from '../hostile/support/probe.ts'
import { type ParleyProcess, startParley } from '../support/parley-process.ts'
import { until } from '../support/until.ts'

setDefaultTimeout(120_000)

const V2_LISTENERS = 300
const V1_LISTENERS = 150
const TOGGLES = 2000
const VISITS = 100
const TYPISTS = 100
/** That a second of typing may cost, over all listeners. */
const MOST_FRAMES = 20_000
/** What somebody else may wait for an answer meanwhile, in milliseconds. */
const MOST_MS = 100

interface Listener {
  readonly socket: WebSocket
  /** What came since they were last cleared. */
  texts: string[]
}

let parley: ParleyProcess
let room: number
let client: V2Client
let clientId: number
let clientName: string
let onV2: Listener[]
let onV1: Listener[]

beforeAll(async () => {
  const budgets = ['MESSAGES', 'USER_REQUESTS'].flatMap((what) => [
    [`RATE_${what}_PER_SECOND`, '1000000'],
    [`RATE_${what}_BURST`, '1000000'],
  ])
  parley = await startParley({
    RATE_REQUESTS_PER_MINUTE: '1000000',
    RATE_REGISTRATIONS_PER_MINUTE: '1000',
    ...Object.fromEntries(budgets),
  })
  const v1 = v1Client(parley)
  const [made, restless, watcher] = [await v1.room(), await v1.user(), await v1.user()]
  room = Number(made.id)
  for (const { token } of [restless, watcher])
    await ask('PUT', `${parley.url}/api/v2/rooms/${room}/members/me`, { token })
  client = new V2Client(`${parley.wsUrl}/api/v2/socket?token=${restless.token}`)
  clientId = Number(restless.id)
  clientName = restless.username
  await client.heard('hello')
  await enter(client, room)
  const v2Url = `${parley.wsUrl}/api/v2/socket?token=${watcher.token}`
  const v1Url = `${parley.wsUrl}/api/v1/ws/${room}/${watcher.id}?token=${watcher.token}`
  onV2 = Array.from({ length: V2_LISTENERS }, () => listen(v2Url, { type: 'subscribe', id: 1, room }))
  onV1 = Array.from({ length: V1_LISTENERS }, () => listen(v1Url))
  await until(
    async () => {
      await send(client, room, 'does everyone hear this?')
      return [...onV2, ...onV1].every(({ texts }) => texts.some((text) => text.includes('everyone')))
    },
    'everyone to hear the room',
    60_000,
  )
})
afterAll(async () => {
  for (const { socket } of [...onV2, ...onV1]) socket.close()
  await parley.remove()
})

// First, since a second of typing that began before the typists came would be counted for fewer listeners.
test('of many users who type at once, a bounded number is sent per second, and finally each of them', async () => {
  const typists = await Promise.all(
    Array.from({ length: TYPISTS }, async () => {
      const { token } = await v1Client(parley).user()
      await ask('PUT', `${parley.url}/api/v2/rooms/${room}/members/me`, { token })
      const typist = new V2Client(`${parley.wsUrl}/api/v2/socket?token=${token}`)
      await typist.heard('hello')
      await enter(typist, room)
      return typist
    }),
  )
  // v1 does not show who types.
  const most = Math.floor(MOST_FRAMES / (V2_LISTENERS + TYPISTS + 1))
  const users = (texts: readonly string[]) =>
    new Set(texts.map((text) => /"user":\{"id":(\d+)/.exec(text)?.[1]))
  const { result, slow } = await besideHealth(parley, MOST_MS, () =>
    heardOf(onV2, '"typing":true', async () => {
      for (const typist of typists) typist.send({ type: 'typing', room, typing: true })
      await untilAll(onV2, (texts) => users(texts).size === TYPISTS)
    }),
  )
  for (const { heard, seconds } of result) expect(heard).toBeLessThanOrEqual(most * (seconds + 1))
  expect(slow).toEqual([])
  for (const typist of typists) await typist.close()
})

test('typing is sent once a second, and ends in the latest state', async () => {
  const { result, slow } = await besideHealth(parley, MOST_MS, () =>
    // The typists of before have just left, and type no longer.
    heardOf(onV2, `"type":"typing","room":${room},"user":{"id":${clientId},`, async () => {
      for (let n = 1; n <= TOGGLES; n++) client.send({ type: 'typing', room, typing: n % 2 === 1 })
      await untilAll(onV2, (texts) => texts.at(-1)?.includes('"typing":false') === true)
    }),
  )
  for (const { heard, seconds } of result) expect(heard).toBeLessThanOrEqual(seconds + 1)
  expect(slow).toEqual([])
})

test('marks are sent once a second, and end at the latest number', async () => {
  const { result, slow } = await besideHealth(parley, MOST_MS, () =>
    heardOf(onV2, '"type":"marks"', async () => {
      let last = 0
      for (let n = 0; n < 100; n++) {
        last = (await send(client, room, 'read this')).seq
        client.send({ type: n % 2 === 0 ? 'read' : 'delivered', room, seq: last })
      }
      await untilAll(onV2, (texts) => texts.at(-1)?.includes(`"delivered_seq":${last}`) === true)
    }),
  )
  for (const { heard, seconds } of result) expect(heard).toBeLessThanOrEqual(seconds + 1)
  expect(slow).toEqual([])
})

test('arrivals and departures are sent ten times a second, and end with the departure', async () => {
  const { result, slow } = await besideHealth(parley, MOST_MS, () =>
    heardOf(onV1, `"User ${clientName} `, async () => {
      for (let n = 0; n < VISITS; n++) {
        await client.ask({ type: 'unsubscribe', room })
        await enter(client, room, undefined, 0)
      }
      await client.ask({ type: 'unsubscribe', room })
      await untilAll(onV1, (texts) => texts.at(-1)?.includes(' left ') === true)
    }),
  )
  for (const { heard, seconds } of result) expect(heard).toBeLessThanOrEqual(10 * (seconds + 2))
  expect(slow).toEqual([])
})

interface Heard {
  /** Frames that one listener heard, and whole seconds that it took. */
  readonly heard: number
  readonly seconds: number
}

/** Does something. @returns how many frames with a text each listener heard of it */
async function heardOf(
  listeners: readonly Listener[],
  text: string,
  run: () => Promise<void>,
): Promise<Heard[]> {
  for (const listener of listeners) listener.texts = []
  only = text
  const start = performance.now()
  await run()
  const seconds = Math.floor((performance.now() - start) / 1000)
  return listeners.map(({ texts }) => ({ heard: texts.length, seconds }))
}

function untilAll(
  listeners: readonly Listener[],
  holds: (texts: readonly string[]) => boolean,
): Promise<boolean> {
  return until(() => listeners.every(({ texts }) => holds(texts)), 'every listener to be told', 30_000)
}

/** What listeners keep: of the rest there is too much. */
let only = 'everyone'

function listen(url: string, first?: unknown): Listener {
  const socket = new WebSocket(url)
  const listener: Listener = { socket, texts: [] }
  socket.onopen = () => {
    if (first !== undefined) socket.send(JSON.stringify(first))
  }
  socket.onmessage = ({ data }) => {
    if (String(data).includes(only)) listener.texts.push(String(data))
  }
  return listener
}
