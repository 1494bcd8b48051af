// The contracts as the scripts speak them, against a real server.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { makePair, makeRoom, type Person, type Room } from '../../api/across/support/people.ts'
import { startApp, type TestApp } from '../../support/app.ts'
import { until } from '../../support/until.ts'
import { type ContractName, contractNames, type Event, requests, sockets } from './contracts/index.ts'
import { roomKinds } from './scenarios/seating.ts'

let app: TestApp
beforeAll(async () => {
  app = await startApp()
})
afterAll(() => app.close())

describe.each(contractNames)('%s', (contract) => {
  const { say } = sockets[contract]

  test('messages sent over a socket reach everybody, in order', async () => {
    const [alice, bob, room] = await room2(contract)
    const [one, other] = [await listen(contract, room, alice), await listen(contract, room, bob)]
    one.socket.send(say({ room, user: alice }, 'First', 'key-1'))
    one.socket.send(say({ room, user: alice }, 'Second', 'key-2'))
    for (const { events } of [one, other]) {
      await until(() => events.length >= 2, 'both messages')
      expect(events.map(({ body }) => body)).toEqual(['First', 'Second'])
      const [first, second] = events.map(({ number }) => number)
      expect(second).toBeGreaterThan(first ?? Number.POSITIVE_INFINITY)
    }
    expect([...one.refusals, ...other.refusals]).toEqual([])
    for (const { socket } of [one, other]) socket.close()
  })

  test('a refusal is distinguished from a message', async () => {
    const [alice, , room] = await room2(contract)
    const one = await listen(contract, room, alice)
    one.socket.send(say({ room, user: alice }, ' ', 'blank'))
    await until(() => one.refusals.length > 0, 'the refusal')
    expect(one.refusals.join()).toContain('empty')
    expect(one.events).toEqual([])
    one.socket.close()
  })

  test('a message sent over REST is in the history once', async () => {
    const [alice, , room] = await room2(contract)
    const place = { room, user: alice }
    const { send, history, bodies } = requests[contract]
    const sent = await asked(send(place, 'By request', 'key-3'))
    expect([200, 201]).toContain(sent.status)
    const read = await asked(history(place))
    expect(read.status).toBe(200)
    expect(bodies(await read.text()).filter((body) => body === 'By request')).toHaveLength(1)
  })
})

test('a v2 client resumes where it was', async () => {
  const [alice, bob, room] = await room2('v2')
  const one = await listen('v2', room, alice)
  const before = await listen('v2', room, bob)
  one.socket.send(sockets.v2.say({ room, user: alice }, 'Heard', 'heard'))
  await until(() => before.events.length > 0, 'the first message')
  before.socket.close()
  one.socket.send(sockets.v2.say({ room, user: alice }, 'Missed', 'missed'))
  await until(() => one.events.length > 1, 'the second message')

  const after = await listen('v2', room, bob, before.events.at(-1)?.number)
  expect(after.events.map(({ body }) => body)).toEqual(['Missed'])
  expect(after.events.at(0)?.number).toBe((before.events.at(-1)?.number ?? 0) + 1)
  for (const { socket } of [one, after]) socket.close()
})

async function room2(contract: ContractName): Promise<[Person, Person, Room]> {
  const [alice, bob] = await makePair(app, 'alice', 'bob')
  return [alice, bob, await makeRoom(app, roomKinds[contract], alice, [bob])]
}

interface Listening {
  readonly socket: WebSocket
  readonly events: Event[]
  readonly refusals: string[]
}

/** Resolves once the room is live. */
async function listen(
  contract: ContractName,
  room: Room,
  user: Person,
  after: number | null = null,
): Promise<Listening> {
  const { address, greetings, hear, liveAtOnce } = sockets[contract]
  const { path, headers } = address({ room, user })
  const socket = new WebSocket(app.wsUrl + path, { headers })
  const listening: Listening = { socket, events: [], refusals: [] }
  let live = false
  socket.onopen = () => {
    for (const greeting of greetings({ room, user }, after)) socket.send(greeting)
    live = liveAtOnce
  }
  socket.onmessage = ({ data }) => {
    const heard = hear(String(data))
    listening.events.push(...heard.events)
    if (heard.refused !== null) listening.refusals.push(heard.refused)
    live ||= heard.live
  }
  await until(() => live, 'the room to be live')
  return listening
}

function asked({
  path,
  ...request
}: {
  method: string
  path: string
  headers: Record<string, string>
  body: string | null
}) {
  return fetch(app.url + path, request)
}
