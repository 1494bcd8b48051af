import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { RoomId } from '../../../../src/core/index.ts'
import { seq as seqOf } from '../../../core/fakes/values.ts'
import { startApp, type TestApp } from '../../../support/app.ts'
import { makeRoom, type Person, person, say } from '../support/people.ts'
import { bodiesIn, enter, eventsIn, isEvent, reached, send } from '../support/rooms.ts'
import { connect, type V2Client } from '../support/v2-client.ts'

let app: TestApp
/** Another node over the same database, whose commits the first one hears of by comparing only. */
let node: TestApp
let owner: Person
let member: Person
let third: Person

beforeAll(async () => {
  app = await startApp()
  node = await startApp({ DATABASE_URL: app.databaseUrl })
  owner = await person(app, 'owner')
  member = await person(app, 'member')
  third = await person(app, 'third')
})
afterAll(async () => {
  for (const each of [app, node]) {
    expect(each.logs().filter((line) => /"level":(50|60)/.test(line))).toEqual([])
    await each.close()
  }
})

test('every subscriber receives the same bytes, for every kind of event', async () => {
  const room = await makeRoom(app, owner, [member])
  const [one, other, late] = await Promise.all([
    connect(app, owner),
    connect(app, member),
    connect(app, member),
  ])
  await enter(one, room)
  await enter(other, room)
  const numbers: number[] = []
  const talk = async (client: V2Client, name: string) => {
    for (let n = 0; n < 40; n++) {
      const { seq } = await send(client, room, `${name} ${n}`)
      if (n % 4 === 1)
        client.askAs({ type: 'edit', id: `${name} edit ${n}`, room, seq, body: `${name} ${n} again` })
      if (n % 8 === 2) client.askAs({ type: 'delete', id: `${name} delete ${n}`, room, seq })
      numbers.push(seq)
    }
  }
  const comeAndGo = async () => {
    const { chat } = app
    for (let n = 0; n < 5; n++) {
      await chat.membership.invite({ id: room }, owner, [third.id])
      if (n % 2 === 0) await chat.membership.uninvite({ id: room }, owner, third.id)
      else {
        await chat.membership.join({ id: room }, third)
        await chat.membership.setRole({ id: room }, owner, third.id, 'admin')
        await chat.rooms.describe({ id: room }, third, { description: `description ${n}` })
        await chat.membership.leave({ id: room }, third)
      }
    }
  }
  await Promise.all([talk(one, 'one'), talk(other, 'other'), comeAndGo(), enter(late, room)])
  const clients = [one, other, late]
  await Promise.all(clients.map((client) => client.until(() => client.unanswered === 0, 'all answers')))
  const last = await say(app, room, owner, 'the last')
  for (const client of clients) await reached(client, room, last)

  const [first = [], ...others] = clients.map((client) => numberedTexts(client, room))
  expect(first.length).toBeGreaterThan(100)
  for (const texts of others) {
    const from = first.indexOf(texts[0] ?? '')
    expect(texts).toEqual(first.slice(from))
  }
  const types = new Set(eventsIn(one, room).map(({ type }) => type))
  expect([...types].sort()).toEqual(['deleted', 'edited', 'member', 'message', 'room'])
  // Who has it from the beginning in one go holds the same.
  const fresh = await connect(app, owner)
  await enter(fresh, room, 0)
  expect(bodiesIn(fresh, room)).toEqual(bodiesIn(one, room))
  for (const client of [...clients, fresh]) await client.close()
})

describe('what another node has committed without announcing it', () => {
  test('arrives as changes, and never as a jump', async () => {
    const { room, client } = await listening()
    const first = await say(node, room, owner, 'from elsewhere')
    await say(node, room, owner, 'to be edited')
    await node.chat.messages.edit({ id: room }, owner, { seq: seqOf(first) }, 'edited elsewhere')
    await node.chat.messages.edit({ id: room }, owner, { seq: seqOf(first + 1) }, 'edited elsewhere, too')
    expect(bodiesIn(client, room)).toEqual(['before'])
    await app.core.feed.reconcile()
    await reached(client, room, first + 3)
    expect(client.all('changes')).toMatchObject([
      {
        after: first - 1,
        to: first + 3,
        events: [
          { type: 'message', seq: first, message: { body: 'edited elsewhere', version: first + 2 } },
          { type: 'message', seq: first + 1, message: { body: 'edited elsewhere, too', version: first + 3 } },
        ],
      },
    ])
    const next = await say(app, room, owner, 'from here')
    await client.heard('message', (frame) => frame.seq === next)
    await client.close()
  })

  test('arrives before what this node commits after it', async () => {
    const { room, client } = await listening()
    for (let round = 0; round < 5; round++) {
      for (let n = 0; n < 3; n++) await say(node, room, owner, `elsewhere ${round}.${n}`)
      await reached(client, room, await say(app, room, owner, `here ${round}`))
    }
    expect(bodiesIn(client, room)).toHaveLength(21)
    expect(client.all('changes').length).toBeGreaterThan(0)
    await client.close()
  })

  test('arrives in frames of a bounded size, if it is much', async () => {
    const { room, client } = await listening()
    const filler = 'x'.repeat(3900)
    for (let n = 10; n < 40; n++) await say(node, room, owner, `${n} ${filler}`)
    await app.core.feed.reconcile()
    await reached(client, room, 34)
    const frames = client.all('changes')
    expect(frames.length).toBeGreaterThan(3)
    for (const { events } of frames) expect(events.length).toBeLessThanOrEqual(9)
    expect(bodiesIn(client, room)).toHaveLength(31)
    await client.close()
  })

  test('arrives also at clients that subscribe at that moment', async () => {
    const { room, client } = await listening()
    for (let n = 0; n < 5; n++) await say(node, room, owner, `elsewhere ${n}`)
    // The client was on the other node before: this one does not know the number yet.
    const comer = await connect(app, member)
    const { answer, live } = await enter(comer, room, 9)
    expect(answer).toMatchObject({ mode: 'live', head: 9 })
    expect(live.seq).toBe(9)
    expect(client.positionIn(room)).toBe(9)
    const next = await say(app, room, owner, 'from here')
    for (const each of [client, comer]) await each.heard('message', ({ seq }) => seq === next)
    await Promise.all([client.close(), comer.close()])
  })

  test('arrives at a subscriber before the room is live', async () => {
    const { room, client } = await listening()
    for (let n = 0; n < 3; n++) await say(node, room, owner, `elsewhere ${n}`)
    const comer = await connect(app, member)
    const { answer, live, state } = await enter(comer, room, 4)
    expect(answer).toMatchObject({ mode: 'changes', head: 7 })
    expect(state).toMatchObject({ head: 7, unread: 4 })
    const changes = await comer.heard('changes')
    expect(changes).toMatchObject({ after: 4, to: 7 })
    expect(comer.frames.indexOf(changes)).toBeLessThan(comer.frames.indexOf(live))
    await Promise.all([client.close(), comer.close()])
  })

  test('ends at the user’s own removal: later messages are not delivered', async () => {
    const { room, client } = await listening()
    const stays = await connect(app, owner)
    await enter(stays, room)
    await say(node, room, owner, 'still among them')
    await node.chat.membership.remove({ id: room }, owner, member.id)
    const last = await say(node, room, owner, 'among us')
    await app.core.feed.reconcile()
    expect(await client.heard('unsubscribed')).toEqual({ type: 'unsubscribed', room, reason: 'left' })
    await reached(stays, room, last)
    await client.settled()
    expect(eventsIn(client, room).at(-1)).toMatchObject({ type: 'member', change: 'removed', seq: last - 1 })
    expect(bodiesIn(client, room)).toEqual(['before', 'still among them'])
    await Promise.all([client.close(), stays.close()])
  })
})

/** A room whose head is 4, and the member's client in it. */
async function listening(): Promise<{ room: RoomId; client: V2Client }> {
  const room = await makeRoom(app, owner, [member])
  const client = await connect(app, member)
  await enter(client, room)
  await reached(client, room, await say(app, room, owner, 'before'))
  return { room, client }
}

/** The room's numbered frames as they came. */
function numberedTexts({ frames, texts }: V2Client, room: number): string[] {
  return texts.filter((_, i) => {
    const frame = frames[i]
    return frame !== undefined && isEvent(frame) && frame.room === room
  })
}
