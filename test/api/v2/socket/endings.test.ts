import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { startApp, type TestApp } from '../../../support/app.ts'
import { makeRoom, type Person, pair, say } from '../support/people.ts'
import { bodiesIn, enter, eventsIn, isEvent, reached } from '../support/rooms.ts'
import { connect, type V2Client } from '../support/v2-client.ts'

let app: TestApp
let owner: Person
let member: Person

beforeAll(async () => {
  app = await startApp()
  ;[owner, member] = await pair(app)
})
afterAll(async () => {
  expect(app.logs().filter((line) => /"level":(50|60)/.test(line))).toEqual([])
  await app.close()
})

describe('a user who is no longer a member', () => {
  test.each(['removed', 'left'] as const)(
    '(%s) receives this event in order, and nothing after it',
    async (change) => {
      const room = await makeRoom(app, owner, [member])
      const clients = await Promise.all([connect(app, member), connect(app, member), connect(app, owner)])
      const [one, other, stays] = clients
      for (const client of clients) await enter(client, room)
      // In one batch, with the end of the membership in the middle of what is said.
      const before = Array.from({ length: 20 }, (_, n) => say(app, room, owner, `before ${n}`))
      const ended =
        change === 'removed'
          ? app.chat.membership.remove({ id: room }, owner, member.id)
          : app.chat.membership.leave({ id: room }, member)
      const after = Array.from({ length: 20 }, (_, n) => say(app, room, owner, `after ${n}`))
      await Promise.all([...before, ended, ...after])
      await reached(stays, room, await say(app, room, owner, 'the last'))
      for (const client of [one, other]) {
        expect(await client.heard('unsubscribed')).toEqual({ type: 'unsubscribed', room, reason: 'left' })
        await client.settled()
        const last = client.frames.findLastIndex((frame) => isEvent(frame))
        expect(client.frames[last]).toMatchObject({
          type: 'member',
          change,
          user: { id: member.id },
          role: null,
        })
        expect(client.frames[last + 1]?.type).toBe('unsubscribed')
        expect(eventsIn(client, room)).toEqual(eventsIn(stays, room).slice(0, eventsIn(client, room).length))
        expect(await client.heard('membership', (frame) => frame.room === room)).toMatchObject({
          change,
          role: null,
        })
      }
      expect(stays.all('unsubscribed')).toEqual([])
      for (const client of clients) await client.close()
    },
  )

  test('can neither send to the room nor subscribe to it again', async () => {
    const room = await makeRoom(app, owner, [member])
    const client = await connect(app, member)
    await enter(client, room)
    await app.chat.membership.remove({ id: room }, owner, member.id)
    await client.heard('unsubscribed')
    for (const type of ['subscribe', 'send', 'read', 'delivered', 'edit', 'delete'] as const) {
      expect(await client.refused({ type, room, seq: 1, body: 'x' })).toMatchObject({ code: 'not_found' })
    }
    expect(await client.refused({ type: 'typing', room, typing: true })).toMatchObject({ code: 'conflict' })
    await client.close()
  })

  test('before a subscription completes is refused or notified, and receives nothing after', async () => {
    for (let round = 0; round < 20; round++) {
      const room = await makeRoom(app, owner, [member])
      for (let n = 0; n < 10; n++) await say(app, room, owner, `message ${n}`)
      const client = await connect(app, member)
      client.askAs({ type: 'subscribe', id: 'first', room, ...(round % 2 === 0 ? {} : { after: 1 }) })
      await app.chat.membership.remove({ id: room }, owner, member.id)
      await say(app, room, owner, 'among us')
      const { type } = await client.heard(['result', 'error'])
      if (type === 'result') await client.heard('unsubscribed')
      await client.settled()
      expect(bodiesIn(client, room)).not.toContain('among us')
      await client.close()
    }
  })

  test('and joins again can resume from any earlier number', async () => {
    const room = await makeRoom(app, owner, [member])
    const client = await connect(app, member)
    await enter(client, room)
    await app.chat.membership.remove({ id: room }, owner, member.id)
    await client.heard('unsubscribed')
    const at = client.positionIn(room) ?? 4
    await app.chat.membership.invite({ id: room }, owner, [member.id])
    await app.chat.membership.join({ id: room }, member)
    await enter(client, room, at)
    await reached(client, room, await say(app, room, owner, 'welcome back'))
    await client.close()
  })

  test('and joins again, both while offline, resumes the room and is not told to leave', async () => {
    const room = await makeRoom(app, owner, [member])
    const first = await connect(app, member)
    await enter(first, room)
    await first.close()
    await app.chat.membership.remove({ id: room }, owner, member.id)
    await app.chat.membership.invite({ id: room }, owner, [member.id])
    await app.chat.membership.join({ id: room }, member)
    // From the database, and from the node's memory.
    const client = await connect(app, member)
    const watcher = await connect(app, owner)
    await enter(client, room, 3)
    await enter(watcher, room, 3)
    await app.chat.membership.remove({ id: room }, owner, member.id)
    await client.heard('unsubscribed')
    await app.chat.membership.invite({ id: room }, owner, [member.id])
    await app.chat.membership.join({ id: room }, member)
    await reached(watcher, room, 9)
    const last = await connect(app, member)
    expect((await enter(last, room, 6)).answer.mode).toBe('live')
    const seq = await say(app, room, owner, 'welcome back')
    await reached(last, room, seq)
    for (const each of [client, watcher, last]) await each.close()
  })
})

describe('a deleted room', () => {
  test('is gone for everyone', async () => {
    const room = await makeRoom(app, owner, [member])
    const other = await makeRoom(app, owner, [member])
    const clients = await Promise.all([connect(app, owner), connect(app, member)])
    for (const client of clients) {
      await enter(client, room)
      await enter(client, other)
    }
    await app.chat.rooms.remove({ id: room }, owner)
    for (const client of clients) {
      expect(await client.heard('unsubscribed')).toEqual({
        type: 'unsubscribed',
        room,
        reason: 'room_deleted',
      })
      for (const type of ['subscribe', 'send', 'read', 'delivered', 'edit', 'delete'] as const) {
        expect(await client.refused({ type, room, seq: 1, body: 'x' })).toMatchObject({ code: 'not_found' })
      }
    }
    const seq = await say(app, other, owner, 'life goes on')
    for (const client of clients) {
      await reached(client, other, seq)
      expect(client.all('unsubscribed')).toHaveLength(1)
      await client.close()
    }
  })

  test('refuses or notifies users who are subscribing', async () => {
    for (let round = 0; round < 20; round++) {
      const room = await makeRoom(app, owner)
      const client = await connect(app, owner)
      client.askAs({ type: 'subscribe', id: 'first', room, ...(round % 2 === 0 ? {} : { after: 0 }) })
      if (round % 4 > 1) await client.heard('result')
      await app.chat.rooms.remove({ id: room }, owner)
      await expectTheEnd(client)
      await client.close()
    }
  })
})

/** An answer of `not_found`, or a subscription that ends. */
async function expectTheEnd(client: V2Client): Promise<void> {
  const answer = await client.heard(['result', 'error'])
  if (answer.type === 'error') expect(answer.code).toBe('not_found')
  else expect(['room_deleted', 'left']).toContain((await client.heard('unsubscribed')).reason)
}
