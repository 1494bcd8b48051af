import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { startApp, type TestApp } from '../../support/app.ts'
import { until } from '../../support/until.ts'
import { expectEnd, type Listening } from './support/audience.ts'
import { contractsOf } from './support/contracts.ts'
import { type Kind, makePeople, makeRoom, type Person, type Room } from './support/people.ts'
import { listen } from './support/sockets.ts'
import { openTables, type Tables } from './support/stored.ts'
import { waysOf } from './support/ways.ts'

/** Few connections to the database, so that what a socket does at its beginning takes long while messages go on. */
const env = { DATABASE_POOL_SIZE: '2' }
let app: TestApp
let tables: Tables

beforeAll(async () => {
  app = await startApp(env)
  tables = openTables(app.databaseUrl)
})

afterAll(async () => {
  await tables.close()
  await app.close()
})

const kinds: Kind[] = ['public', 'private', 'direct']

describe.each(kinds)('in a %s room', (kind) => {
  test('everyone sends at once through every contract, and all sockets, old and new, see one order', async () => {
    const { room, people } = await settle(kind, 3)
    const contracts = contractsOf(kind)
    const everyone = people.flatMap((person) =>
      contracts.map((contract) => ({ contract, at: { server: app, room, person } })),
    )
    const open = async ({ contract, at }: Omit<Listening, 'listener'>) => ({
      contract,
      at,
      listener: await listen(contract, at),
    })
    const listeners: Listening[] = await Promise.all(everyone.map(open))

    // A history of the latest 50 is read a moment after the handshake: what was before it is not this socket's.
    const begun = ({ contract, listener }: Listening) =>
      contract.name !== 'v1' || listener.socket.frames.length > 0
    await until(() => listeners.every(begun), 'the histories')

    const ways = people.flatMap((person) => contracts.flatMap(waysOf).map((way) => ({ way, person })))
    await Promise.all(
      ways.map(async ({ way, person }, index) => {
        const speaker = await way.open({ server: app, room, person })
        for (let count = 0; count < EACH; count++) {
          await speaker.say(`${index}: ${count}`)
          if (count !== EACH >> 1) continue
          // Some come in the middle of it.
          const one = everyone[index]
          if (one !== undefined) listeners.push(await open(one))
        }
      }),
    )
    listeners[0]?.listener.say('the end')

    const stored = await until(async () => {
      const found = await tables.messages(room)
      return found.length === ways.length * EACH + 1 && found
    }, 'everything to be stored')
    for (const [index] of ways.entries()) {
      const own = stored.filter(({ body }) => body.startsWith(`${index}: `)).map(({ body }) => body)
      expect(own).toEqual(Array.from({ length: EACH }, (_, count) => `${index}: ${count}`))
    }
    for (const [index, one] of listeners.entries()) {
      const shown = await expectEnd(one, room, stored)
      if (index < everyone.length) expect(shown).toHaveLength(stored.length)
    }
    for (const { contract, at } of everyone.slice(0, contracts.length)) {
      const shown = stored.map((message) => contract.show(message, room))
      if (contract.history !== null) expect(await contract.history(at)).toEqual(shown)
    }
    await Promise.all(listeners.map(({ listener }) => listener.socket.close()))
  })

  test.each(contractsOf(kind))(
    'a message sent the moment a socket of $name opens is delivered to it',
    async (contract) => {
      const { room, people } = await settle(kind, 2)
      const sockets = await Promise.all(
        Array.from({ length: 30 }, async (_, index) => {
          const person = people[index % people.length]
          if (person === undefined) throw new Error('nobody is there')
          const at = { server: app, room, person }
          const listener = await listen(contract, at)
          listener.say(`socket ${index}`)
          return { contract, at, listener, own: `socket ${index}` }
        }),
      )
      const stored = await until(async () => {
        const found = await tables.messages(room)
        return found.length === sockets.length && found
      }, 'everything to be stored')
      for (const one of sockets) {
        const shown = await expectEnd(one, room, stored)
        expect(shown.some(({ body }) => body === one.own)).toBe(true)
      }
      await Promise.all(sockets.map(({ listener }) => listener.socket.close()))
    },
  )
})

/** Messages of each speaker through each way. */
const EACH = 16

/** A room with people in it. */
async function settle(kind: Kind, count: number): Promise<{ room: Room; people: Person[] }> {
  const names = ['alice', 'bob', 'carol'].slice(0, kind === 'direct' ? 2 : count)
  const people = await makePeople(app, ...names)
  const [owner, ...others] = people
  if (owner === undefined) throw new Error('nobody is there')
  return { room: await makeRoom(app, kind, owner, others), people }
}
