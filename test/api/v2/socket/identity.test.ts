import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import postgres from 'postgres'
import { Identified } from '../../../../src/api/v2/wire/index.ts'
import { startApp, type TestApp } from '../../../support/app.ts'
import { until } from '../../../support/until.ts'
import { anotherToken, makeRoom, type Person, person } from '../support/people.ts'
import { enter, send } from '../support/rooms.ts'
import { SkipClock } from '../support/skip-clock.ts'
import { connect, V2Client } from '../support/v2-client.ts'

const DAY_MS = 86_400_000
const clock = new SkipClock()
let app: TestApp
let alice: Person

beforeAll(async () => {
  // Beats often, so that tokens are looked at often.
  app = await startApp({ TOKEN_TTL_DAYS: '1', SOCKET_HEARTBEAT_MS: '200' }, { clock })
})
afterAll(() => app.close())

describe('a connection continues with another token', () => {
  test('of the same user, and then ends with that token', async () => {
    alice = await person(app)
    const room = await makeRoom(app, alice)
    const client = await connect(app, alice)
    await enter(client, room)
    const next = await anotherToken(app, alice)
    expect(await client.result({ type: 'auth', token: next }, Identified)).toMatchObject({
      user: { id: alice.id, username: alice.username },
    })
    await app.chat.accounts.logout(alice.token)
    const { seq } = await send(client, room, 'still here')
    await client.heard('message', (frame) => frame.seq === seq)
    await app.chat.accounts.logout(next)
    expect(await client.closed).toMatchObject({ code: 1008 })
    expect(client.problems).toEqual([])
  })

  test('and stays open when the first one expires', async () => {
    alice = await person(app)
    const client = await connect(app, alice)
    const beside = await connect(app, alice)
    clock.skip(DAY_MS / 2)
    const next = await anotherToken(app, alice)
    await client.result({ type: 'auth', token: next }, Identified)
    clock.skip(DAY_MS / 2 + 1000)
    expect(await beside.closed).toMatchObject({ code: 1008, reason: 'the token has expired' })
    await client.settled()
    clock.skip(DAY_MS / 2)
    expect(await client.closed).toMatchObject({ code: 1008, reason: 'the token has expired' })
  })

  test('but not of another user, nor with an invalid one: the user stays the same', async () => {
    alice = await person(app)
    const [bob, room] = [await person(app), await makeRoom(app, alice)]
    const client = await connect(app, alice)
    expect(await client.refused({ type: 'auth', token: bob.token })).toMatchObject({ code: 'forbidden' })
    const nobody = 'f'.repeat(40)
    expect(await client.refused({ type: 'auth', token: nobody })).toMatchObject({ code: 'unauthenticated' })
    await send(client, room, 'still alice')
    await app.chat.accounts.logout(bob.token)
    await client.settled()
    await app.chat.accounts.logout(alice.token)
    expect(await client.closed).toMatchObject({ code: 1008 })
  })
})

describe('the end of a token closes its sockets with 1008:', () => {
  test('if it expires, however it was sent', async () => {
    alice = await person(app)
    const clients = await byEachMeans()
    clock.skip(DAY_MS - 60_000)
    for (const client of clients) await client.settled()
    clock.skip(60_000)
    for (const client of clients) {
      expect(await client.closed).toMatchObject({ code: 1008, reason: 'the token has expired' })
      expect(client.problems).toEqual([])
    }
  })

  test('if it is revoked, however it was sent', async () => {
    alice = await person(app)
    const bystander = await connect(app, { ...alice, token: await anotherToken(app, alice) })
    const clients = await byEachMeans()
    await app.chat.accounts.logout(alice.token)
    for (const client of clients) {
      expect(await client.closed).toMatchObject({ code: 1008, reason: 'signed out' })
      expect(client.problems).toEqual([])
    }
    await bystander.settled()
    await bystander.close()
  })

  test('if it is revoked while it is looked up', async () => {
    alice = await person(app)
    const client = await connect(app, null)
    const fingerprint = app.chat.accounts.fingerprint(alice.token)
    await withTokensHeld(async (somebodyWaits) => {
      client.send({ type: 'auth', id: 1, token: alice.token })
      await somebodyWaits()
      // As another node tells of it, before this one has its answer.
      app.core.signals.publish({ type: 'token_revoked', userId: alice.id, hash: fingerprint })
    })
    const { code } = await client.closed
    expect([1008, 4500]).toContain(code)
    expect(client.all('result')).toEqual([])
  })

  test('if it is revoked while the client sends it', async () => {
    for (let round = 0; round < 20; round++) {
      alice = await person(app)
      const client = await connect(app, null)
      client.send({ type: 'auth', id: 1, token: alice.token })
      if (round % 2 === 0) await client.heard('result')
      await app.chat.accounts.logout(alice.token)
      expect([1008, 4500]).toContain((await client.closed).code)
    }
  })
})

async function byEachMeans(): Promise<V2Client[]> {
  const told = await connect(app, null)
  await told.result({ type: 'auth', token: alice.token }, Identified)
  const { accounts } = app.chat
  const { ticket } = await accounts.issueTicket(alice.id, accounts.fingerprint(alice.token))
  const inQuery = new V2Client(`${app.wsUrl}/api/v2/socket?ticket=${ticket}`)
  await inQuery.heard('hello')
  return [told, inQuery, await connect(app, alice)]
}

/** While it runs, nobody can read the tokens. */
async function withTokensHeld(run: (somebodyWaits: () => Promise<unknown>) => Promise<void>): Promise<void> {
  const sql = postgres(app.databaseUrl, { max: 2 })
  try {
    await sql.begin(async (transaction) => {
      await transaction`lock table tokens in access exclusive mode`
      await run(() =>
        until(async () => {
          const [row] = await sql<{ count: number }[]>`
            select count(*)::int as count from pg_locks where not granted and database = (
              select oid from pg_database where datname = current_database())`
          return (row?.count ?? 0) > 0
        }, 'somebody to wait'),
      )
    })
  } finally {
    await sql.end()
  }
}
