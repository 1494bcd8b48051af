import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { startApp, type TestApp } from '../../support/app.ts'
import { until } from '../../support/until.ts'
import { type ContractCase, contractsOf } from './support/contracts.ts'
import { type Kind, makePair, makeRoom, type Person, type Room } from './support/people.ts'
import { asUnread } from './support/shapes.ts'
import { listen } from './support/sockets.ts'
import { openTables, type Tables } from './support/stored.ts'
import { waysOf } from './support/ways.ts'

let app: TestApp
let tables: Tables

beforeAll(async () => {
  app = await startApp()
  tables = openTables(app.databaseUrl)
})

afterAll(async () => {
  await tables.close()
  await app.close()
})

const kinds: Kind[] = ['public', 'private', 'game', 'direct']

describe.each(kinds)('in a %s room', (kind) => {
  const receivers = contractsOf(kind)
  const ways = receivers.flatMap((contract) => waysOf(contract))
  let people: [Person, Person]
  let room: Room

  beforeAll(async () => {
    people = await makePair(app, 'alice', 'bob')
    room = await makeRoom(app, kind, people[0], [people[1]])
  })

  const pairs = ways.flatMap((way) =>
    receivers.map((receiver) => ({ way, receiver, from: way.name, to: receiver.name })),
  )

  test.each(pairs)('what is sent by $from reaches $to', async ({ way, receiver }) => {
    const [alice, bob] = people
    const at = { server: app, room, person: bob }
    const before = await tables.messages(room)
    const listener = await listen(receiver, at)
    const speaker = await way.open({ server: app, room, person: alice })
    const texts = [
      `${way.name} to ${receiver.name}`,
      'the next one, after which nothing more of the first can come',
    ]
    for (const text of texts) await speaker.say(text)

    const stored = await until(async () => {
      const found = await tables.messages(room)
      return found.length === before.length + texts.length && found
    }, 'the messages to be stored')
    expect(stored.slice(-texts.length).map(({ body, sender }) => [body, sender])).toEqual(
      texts.map((text) => [text, alice.username]),
    )
    const shown = stored.map((message) => receiver.show(message, room))
    const expected = [
      ...shownAtOpening(receiver, shown.slice(0, before.length)),
      ...shown.slice(before.length),
    ]
    await until(() => listener.messages().length >= expected.length, 'the messages to arrive')
    const came = listener.messages()
    const old = came.slice(0, -texts.length).map(asUnread)
    expect([...old, ...came.slice(-texts.length)]).toEqual(expected)
    if (receiver.history !== null) expect(await receiver.history(at)).toEqual(shown)

    await Promise.all([listener.socket.close(), speaker.close()])
  })
})

/** What a socket begins with, of all that is there. */
function shownAtOpening(contract: ContractCase, shown: readonly unknown[]): readonly unknown[] {
  if (contract.name === 'v1') return shown.slice(-50)
  return contract.name === 'direct chats' ? shown : []
}
