import { afterAll, beforeAll, expect, test } from 'bun:test'
import { Type as t } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import { startApp, type TestApp } from '../../support/app.ts'
import { until } from '../../support/until.ts'
import { contractNamed, contractsOf } from './support/contracts.ts'
import { type Kind, makePair, makeRoom } from './support/people.ts'
import { type Listener, listen } from './support/sockets.ts'
import type { Standpoint } from './support/standpoint.ts'

let app: TestApp

beforeAll(async () => {
  app = await startApp()
})

afterAll(() => app.close())

const kinds: Kind[] = ['public', 'private', 'direct']

test.each(kinds)(
  'v1 is notified once of each arrival and departure, through whichever contracts: %s',
  async (kind) => {
    const { alice, watcher } = await openScene(kind)
    const joined = `User ${alice.person.username} joined the chat`
    const left = `User ${alice.person.username} left the chat`
    const contracts = contractsOf(kind)

    for (const [index, contract] of contracts.entries()) {
      const sockets = [await arrive(contract.name, alice)]
      // The first socket is the coming; more of the same or of another contract are none.
      for (const another of contracts.slice(index)) sockets.push(await arrive(another.name, alice))
      for (const { socket } of sockets) await socket.close()
      await until(() => comings(watcher).length >= 2 * (index + 1), `${contract.name} to come and go`)
      expect(comings(watcher)).toEqual(Array.from({ length: index + 1 }, () => [joined, left]).flat())
    }
    await watcher.socket.close()
  },
)

test.each(kinds)(
  'quick arrivals and departures are reported alternately, and end with a departure: %s',
  async (kind) => {
    const { alice, watcher } = await openScene(kind)
    const contracts = contractsOf(kind)
    await Promise.all(
      contracts.map(async (contract) => {
        for (let count = 0; count < 12; count++) await (await listen(contract, alice)).socket.close()
      }),
    )
    const last = await arrive(contracts[0]?.name ?? '', alice)
    await last.socket.close()
    const told = () =>
      comings(watcher).map((text): string => (text.endsWith(' joined the chat') ? 'joined' : 'left'))
    await until(() => told().at(-1) === 'left' && told().length % 2 === 0, 'the last of it')
    expect(told()).toEqual(Array.from({ length: told().length / 2 }, () => ['joined', 'left']).flat())
    await watcher.socket.close()
  },
)

/** Somebody of a v1 client watches a room, and Alice is not there. */
async function openScene(kind: Kind) {
  const [alice, bob] = await makePair(app, 'alice', 'bob')
  const room = await makeRoom(app, kind, alice, [bob])
  const watcher = await arrive('v1', { server: app, room, person: bob })
  return { alice: { server: app, room, person: alice }, watcher }
}

/** Opens a socket, and waits until it hears what it says: by then it has come. */
async function arrive(contract: string, at: Standpoint): Promise<Listener> {
  const listener = await listen(contractNamed(contract), at)
  const text = `here I am ${crypto.randomUUID()}`
  listener.say(text)
  await until(() => JSON.stringify(listener.messages()).includes(text), `the first word on ${contract}`)
  return listener
}

/** Of the others, as they were told. */
function comings({ socket }: Listener): string[] {
  return socket.frames.flatMap((frame) => (Value.Check(System, frame) ? [frame.content] : []))
}

const System = t.Object({ type: t.Literal('system'), content: t.String(), timestamp: t.String() })
