import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import postgres, { type Sql } from 'postgres'
import { Done, Marked } from '../../../../src/api/v2/wire/index.ts'
import type { RoomId } from '../../../../src/core/index.ts'
import { startApp, type TestApp } from '../../../support/app.ts'
import { until } from '../../../support/until.ts'
import { makeRoom, type Person, person, say } from '../support/people.ts'
import { enter, reached, send } from '../support/rooms.ts'
import { SkipClock } from '../support/skip-clock.ts'
import { connect, type V2Client } from '../support/v2-client.ts'

const clock = new SkipClock()
let app: TestApp
let sql: Sql
let owner: Person
let room: RoomId
let client: V2Client

beforeAll(async () => {
  app = await startApp(
    { DATABASE_STATEMENT_TIMEOUT_MS: '1000', SEND_DEADLINE_MS: '1500', MAX_SUBSCRIPTIONS: '2' },
    { clock },
  )
  sql = postgres(app.databaseUrl, { max: 2 })
})
beforeEach(async () => {
  owner = await person(app)
  room = await makeRoom(app, owner)
  for (let n = 0; n < 5; n++) await say(app, room, owner, `message ${n}`)
  client = await connect(app, owner)
})
afterAll(async () => {
  await sql.end()
  await app.close()
})

describe('while the database is unavailable', () => {
  test('requests get a retryable error, and the socket stays open', async () => {
    await withHeld('messages', async () => {
      for (const request of [
        { type: 'subscribe', room },
        { type: 'send', room, body: 'x' },
        { type: 'edit', room, seq: 2, body: 'x' },
        { type: 'delete', room, seq: 2 },
      ] as const) {
        expect(await client.refused(request)).toMatchObject({ code: 'unavailable', retryable: true })
      }
      await client.result({ type: 'ping' }, Done)
    })
    await enter(client, room)
    await client.close()
  })

  test('a subscription that was already acknowledged ends with `try_again`, and can be made again', async () => {
    await withHeld('messages', async () => {
      const answer = await client.ask({ type: 'subscribe', room, after: 1 })
      expect(answer).toMatchObject({ type: 'result', data: { mode: 'changes' } })
      expect(await client.heard('unsubscribed')).toEqual({ type: 'unsubscribed', room, reason: 'try_again' })
    })
    await enter(client, room, 1)
    await client.close()
  })

  test('a live room stays live, and its state is sent when it can be read', async () => {
    await withHeld('messages', async () => {
      await client.ask({ type: 'subscribe', room, after: 6 })
      expect(await client.heard('live')).toMatchObject({ seq: 6 })
      await until(
        () => app.logs().some((line) => line.includes('the state of a room could not be read')),
        'the state to fail',
      )
      expect(client.all('state')).toEqual([])
    })
    await client.until(() => {
      clock.skip(3000)
      return client.all('state').length === 1
    }, 'the state')
    expect(client.all('state')).toMatchObject([{ room, head: 6 }])
    await reached(client, room, (await send(client, room, 'live')).seq)
    await client.close()
  })
})

test.each([
  // Each of them at once, one that waits for each room, and a hundred more. Another kind of request has a queue of its own.
  { kind: 'edit', accepted: 16 + 2 + 100, alike: 'auth', other: 'read' },
  { kind: 'read', accepted: 256 + 2 + 100, alike: 'subscribe', other: 'edit' },
] as const)(
  'requests past the queue’s limit are refused as overloaded, and later ones are carried out: $kind',
  async ({ kind, accepted, alike, other }) => {
    const patient = await startApp({ DATABASE_URL: app.databaseUrl, MAX_SUBSCRIPTIONS: '2' })
    const busy = await connect(patient, owner)
    const { seq } = await send(busy, room, 'mine')
    const requests = {
      edit: { type: 'edit', room, seq, body: 'edited' },
      read: { type: 'read', room, seq },
      auth: { type: 'auth', token: owner.token },
      subscribe: { type: 'subscribe', room },
    } as const
    const sent = accepted + 50
    await withHeld('members', async () => {
      for (let n = 0; n < sent; n++) busy.askAs({ ...requests[kind], id: `${kind} ${n}` })
      busy.askAs({ ...requests[alike], id: 'alike' })
      busy.askAs({ ...requests[other], id: 'other' })
      await busy.heard('error', ({ id }) => id === 'alike')
      expect(busy.all('error')).toHaveLength(sent + 1 - accepted)
      for (const refusal of busy.all('error')) {
        expect(refusal).toMatchObject({ code: 'overloaded', retryable: true })
      }
      await busy.result({ type: 'ping' }, Done)
    })
    await busy.until(() => busy.unanswered === 0, 'all answers')
    expect(busy.all('result').filter(({ id }) => `${id}`.startsWith(kind))).toHaveLength(accepted)
    expect(busy.all('error').filter(({ id }) => id === 'other')).toEqual([])
    await enter(busy, room)
    expect(await busy.result({ type: 'read', room, seq: 6 }, Marked)).toMatchObject({ read_seq: seq })
    await Promise.all([busy.close(), client.close()])
    await patient.close()
  },
)

test('none of this was logged as a server fault', () => {
  const faults = app.logs().filter((line) => /"level":(50|60)/.test(line))
  // That the table was locked is told as the database's fault.
  expect(faults.filter((line) => !line.includes('"msg":"the database is unavailable'))).toEqual([])
})

/** While it runs, nobody can read or write the table. */
async function withHeld(table: 'messages' | 'members', run: () => Promise<void>): Promise<void> {
  await sql.begin(async (transaction) => {
    await transaction`lock table ${sql(table)} in access exclusive mode`
    await run()
  })
}
