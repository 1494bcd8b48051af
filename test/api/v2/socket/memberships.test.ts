// The user's own memberships, by number: what was missed is told to a client that comes back, whichever node told of it.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import postgres, { type Sql } from 'postgres'
import { type MembershipChange, MembershipPage, Memberships } from '../../../../src/api/v2/wire/index.ts'
import { startApp, type TestApp } from '../../../support/app.ts'
import { until } from '../../../support/until.ts'
import { call, expectProblem, get } from '../rest/support/client.ts'
import { makeDirect, makeRoom, type Person, person } from '../support/people.ts'
import { connect, type V2Client } from '../support/v2-client.ts'

let app: TestApp
/** Another node on the same database; the two hear of each other through the database alone. */
let other: TestApp
let sql: Sql
let owner: Person
let member: Person
let client: V2Client

beforeAll(async () => {
  app = await startApp({ SOCKET_HEARTBEAT_MS: '200' })
  other = await startApp({ DATABASE_URL: app.databaseUrl })
  sql = postgres(app.databaseUrl, { max: 1 })
})
beforeEach(async () => {
  owner = await person(app, 'owner')
  member = await person(app, 'member')
  client = await connect(app, member)
})
afterAll(async () => {
  await sql.end()
  await Promise.all([app.close(), other.close()])
})

function ask(after?: number, epoch?: string): Promise<Memberships> {
  const place = { ...(after === undefined ? {} : { after }), ...(epoch === undefined ? {} : { epoch }) }
  return client.result({ type: 'memberships', ...place }, Memberships)
}

function told(changes: readonly MembershipChange[]): unknown[] {
  return changes.map(({ user_seq, room, change, role, actor }) => [user_seq, room, change, role, actor.id])
}

describe('a client that comes back', () => {
  test('begins with the number alone, and learns what it missed, the latest change of each room', async () => {
    const [first, second] = [await makeRoom(app, owner, [member]), await makeRoom(app, owner, [member])]
    const begun = await ask()
    expect(begun).toEqual({ memberships: [], head: 4, more: false, reset: true })
    await client.close()

    const { membership, rooms } = app.chat
    await membership.setRole({ id: first }, owner, member.id, 'admin')
    await membership.remove({ id: first }, owner, member.id)
    await rooms.remove({ id: second }, owner)
    const direct = await makeDirect(app, owner, member)
    const invited = await makeRoom(app, owner)
    await membership.invite({ id: invited }, owner, [member.id])

    client = await connect(app, member)
    const { memberships, ...rest } = await ask(begun.head)
    expect(told(memberships)).toEqual([
      [6, first, 'removed', null, owner.id],
      [7, second, 'room_deleted', null, owner.id],
      [8, direct, 'joined', 'member', owner.id],
      [9, invited, 'invited', null, owner.id],
    ])
    expect(rest).toEqual({ head: 9, more: false })
    expect(await ask(9)).toEqual({ memberships: [], head: 9, more: false })
    await client.close()
  })

  test('goes on with what comes by itself, by the next number', async () => {
    const { head } = await ask()
    expect(head).toBe(0)
    const room = await makeRoom(app, owner, [member])
    await app.chat.rooms.remove({ id: room }, owner)
    const last = await client.heard('membership', ({ change }) => change === 'room_deleted')
    expect(last).toEqual({
      type: 'membership',
      room,
      change: 'room_deleted',
      role: null,
      actor: { id: owner.id, username: owner.username },
      user_seq: 3,
    })
    expect(client.all('membership').map((frame) => frame.user_seq)).toEqual([1, 2, 3])
    await client.close()
  })

  test('gets more than an answer holds in several', async () => {
    const ids = Array.from({ length: 250 }, (_, i) => i + 1)
    await sql`insert into membership_heads (user_id, seq) values (${member.id}, 250)`
    await sql`
      insert into membership_changes (user_id, room_id, seq, type, role, actor_id, created_at)
      select ${member.id}, 1000000 + n, n, 'joined', 'member', ${owner.id}, now() from unnest(${ids}::int[]) n`
    const first = await ask(0)
    expect([first.memberships.length, first.head, first.more]).toEqual([200, 200, true])
    const rest = await ask(first.head)
    expect([rest.memberships.length, rest.head, rest.more]).toEqual([50, 250, false])
    expect([...first.memberships, ...rest.memberships].map(({ user_seq }) => user_seq)).toEqual(ids)
    await client.close()
  })

  test('begins anew with a number of another history, and after what was forgotten', async () => {
    const { epoch } = await client.heard('hello')
    await makeRoom(app, owner, [member])
    const anew = { memberships: [], head: 2, more: false, reset: true }
    expect(await ask(3)).toMatchObject(anew)
    expect(await ask(2, `${epoch}`)).toEqual({ memberships: [], head: 2, more: false })
    expect(await ask(2, '1-beefbeef.cafecafe.1')).toMatchObject(anew)
    await sql`update membership_heads set forgotten_seq = 2 where user_id = ${member.id}`
    expect(await ask(1)).toMatchObject(anew)
    expect(await ask(2)).toEqual({ memberships: [], head: 2, more: false })
    await client.close()
  })
})

test('what another node changed is told with a heartbeat, if it was not told as it happened', async () => {
  expect((await ask()).head).toBe(0)
  const room = await makeRoom(other, owner, [member])
  const beat = await client.heard('heartbeat', ({ memberships }) => memberships === 2)
  expect(beat.heads).toEqual({})
  expect(told((await ask(0)).memberships)).toEqual([[2, room, 'joined', 'member', member.id]])
  // Not again, since it has been told.
  const before = client.all('heartbeat').length
  await until(() => client.all('heartbeat').length > before + 3, 'heartbeats')
  expect(
    client
      .all('heartbeat')
      .slice(before)
      .filter((frame) => 'memberships' in frame),
  ).toEqual([])
  await client.close()
})

test('a client that does not ask is told as before', async () => {
  await makeRoom(other, owner, [member])
  await makeRoom(app, owner, [member])
  await client.heard('membership', ({ user_seq }) => user_seq === 4)
  expect(client.all('heartbeat').filter((frame) => 'memberships' in frame)).toEqual([])
  await client.close()
})

describe('over REST', () => {
  test('the same comes in pages', async () => {
    expect(await get(app, member, '/me/changes', MembershipPage)).toEqual({
      items: [],
      head: 0,
      next: null,
      reset: true,
    })
    const rooms = [await makeRoom(app, owner, [member]), await makeRoom(app, owner, [member])]
    const first = await get(app, member, '/me/changes?after=0&limit=1', MembershipPage)
    expect(told(first.items)).toEqual([[2, rooms[0], 'joined', 'member', member.id]])
    expect(first.head).toBe(2)
    const last = await get(app, member, `/me/changes?cursor=${first.next}`, MembershipPage)
    expect(told(last.items)).toEqual([[4, rooms[1], 'joined', 'member', member.id]])
    expect([last.head, last.next, 'reset' in last]).toEqual([4, null, false])
    expect(await get(app, member, '/me/changes?after=5', MembershipPage)).toMatchObject({
      head: 4,
      reset: true,
    })
    expectProblem(await call(app, member, 'GET', '/me/changes?after=x'), 400, 'invalid', { field: 'after' })
    await client.close()
  })
})
