// What guests cost is bounded, and none of them is left behind.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import postgres, { type Sql } from 'postgres'
import { handshake } from '../../server/support/raw-http.ts'
import { startApp, type TestApp } from '../../support/app.ts'
import { startParley } from '../../support/parley-process.ts'
import { until } from '../../support/until.ts'
import { echo, roomPath } from '../support/contracts/rooms.ts'
import { ask } from '../support/rest.ts'
import { openSocket } from '../support/socket.ts'

const LIMIT = 3
const LOBBY = roomPath('lobby')
let app: TestApp
let sql: Sql
let sources = 0

beforeAll(async () => {
  const env = { ALLOW_GUESTS: 'true', RATE_GUESTS_PER_MINUTE: `${LIMIT}`, TRUSTED_PROXIES: '127.0.0.1' }
  app = await startApp(env)
  sql = postgres(app.databaseUrl, { max: 1 })
})
afterAll(async () => {
  await sql.end()
  await app.close()
})

describe('an address', () => {
  test('may bring a limited number of guests per minute, also one after another; a refused one does not count', async () => {
    const here = address()
    for (let i = 0; i < LIMIT; i++) await visit(here)
    const before = await costs()
    for (let i = 0; i < 5; i++) {
      const refused = await handshake(app.wsUrl + LOBBY, { 'X-Forwarded-For': here })
      const error = 'Too many new guests from this address, try again later'
      expect([refused.status, refused.json]).toEqual([429, { error }])
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
      expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(60)
    }
    expect(await costs()).toEqual(before)
    await visit(address())
  })

  test('is not limited when it sends a credential', async () => {
    const here = address()
    const made = await ask('POST', `${app.url}/api/v1/users`, {
      json: { username: `user${crypto.randomUUID()}` },
    })
    const token = /"token":"([0-9a-f]{40})"/.exec(made.text)?.[1] ?? ''
    for (let i = 0; i < LIMIT + 2; i++) {
      const { status } = await handshake(`${app.wsUrl}${LOBBY}?token=${token}`, { 'X-Forwarded-For': here })
      expect(status).toBe(101)
    }
  })
})

describe('an account of a guest', () => {
  test('is reused a minute after they have left, if they sent nothing', async () => {
    const first = await visit(address())
    await aged()
    const before = await costs()
    const names = new Set<string>()
    for (let i = 0; i < 10; i++) {
      names.add(await visit(address()))
      await aged()
    }
    expect((await costs()).users).toBe(before.users)
    expect(names.size).toBeGreaterThanOrEqual(1)
    expect(first).toMatch(/^guest-/)
  })

  test('is not reused before that, nor while they are connected', async () => {
    await aged()
    const sockets = [guest(address()), guest(address()), guest(address())]
    for (const socket of sockets) await socket.opened
    const others = new Set([await visit(address()), await visit(address()), await visit(address())])
    const own = new Set<string>()
    for (const socket of sockets) own.add((await echo(socket)).username)
    expect(own.size).toBe(3)
    expect(own.isDisjointFrom(others)).toBe(true)
    await Promise.all(sockets.map((socket) => socket.close()))
    await free()
  })

  test('is never reused if they sent a message', async () => {
    const socket = guest(address())
    await socket.opened
    const own = await echo(socket)
    await socket.close()
    await free()
    await aged()
    for (let i = 0; i < 5; i++) expect(await visit(address())).not.toBe(own.username)
    const [row] =
      await sql`select u.username from messages m join users u on u.id = m.sender_id where m.id = ${own.id}`
    expect(row).toEqual({ username: own.username })
  })
})

describe('a guest whose node', () => {
  test('is killed is removed from the room by another node, and the room is notified, after some checks without a sign of life', async () => {
    const node = await startParley({ DATABASE_URL: app.databaseUrl, ALLOW_GUESTS: 'true' })
    const lost = openSocket(node.wsUrl + LOBBY)
    await lost.opened
    const { user_id, username } = await echo(lost)
    const here = guest(address())
    await here.opened
    const mine = await echo(here)
    await node.kill()
    expect(await inLobby()).toEqual([user_id, mine.user_id].toSorted((a, b) => a - b))
    for (let look = 0; look < 3; look++) {
      await app.core.guests.tend()
      expect(await inLobby()).toContain(user_id)
    }
    await app.core.guests.tend()
    expect(await inLobby()).toEqual([mine.user_id])
    const [event] = await sql`
      select type, user_id::int as user from room_events order by room_id, seq desc limit 1`
    expect(event).toEqual({ type: 'left', user: user_id })
    expect(username).toMatch(/^guest-/)
    await here.close()
    await free()
  })

  test('gives signs of life stays, however often others check', async () => {
    const other = await startApp({ ALLOW_GUESTS: 'true', DATABASE_URL: app.databaseUrl })
    const socket = guest(address())
    await socket.opened
    const { user_id } = await echo(socket)
    for (let look = 0; look < 8; look++) {
      await app.core.guests.tend()
      await other.core.guests.tend()
    }
    expect(await inLobby()).toEqual([user_id])
    await socket.close()
    await free()
    await other.close()
  })

  test('shuts down in order is removed at once', async () => {
    const other = await startApp({ ALLOW_GUESTS: 'true', DATABASE_URL: app.databaseUrl })
    const sockets = Array.from({ length: 5 }, () => openSocket(other.wsUrl + LOBBY))
    for (const socket of sockets) await socket.opened
    expect(await inLobby()).toHaveLength(5)
    await other.close()
    expect(await inLobby()).toEqual([])
    const [row] = await sql`select count(*)::int as there from guests where left_at is null`
    expect(row).toEqual({ there: 0 })
  })
})

/** One that nobody else has. */
function address(): string {
  sources++
  return `172.20.${sources >> 8}.${sources & 255}`
}

function guest(from: string) {
  return openSocket(app.wsUrl + LOBBY, { 'x-forwarded-for': from })
}

/** Somebody comes, says nothing, and goes. @returns under which name */
async function visit(from: string): Promise<string> {
  const before = await inLobby()
  const socket = guest(from)
  await socket.opened
  const id = (await inLobby()).find((user) => !before.includes(user)) ?? 0
  await socket.close()
  await until(async () => !(await inLobby()).includes(id), 'the guest to be gone')
  await until(async () => {
    const [row] = await sql`select left_at from guests where user_id = ${id}`
    return row?.left_at != null
  }, 'the account to be free')
  const [row] = await sql<{ username: string }[]>`select username from users where id = ${id}`
  return row?.username ?? ''
}

/** Resolves once no guest is there. */
async function free(): Promise<void> {
  await until(async () => {
    const [row] = await sql<
      { there: number }[]
    >`select count(*)::int as there from guests where left_at is null`
    return row?.there === 0
  }, 'every guest to be gone')
}

/** A minute passes for the accounts that are free. */
async function aged(): Promise<void> {
  await sql`update guests set left_at = left_at - interval '1 minute' where left_at is not null`
}

/** Guests who are members. */
async function inLobby(): Promise<number[]> {
  const rows = await sql<{ id: number }[]>`
    select u.id::int as id from rooms r join members m on m.room_id = r.id join users u on u.id = m.user_id
    where r.name = 'lobby' and u.kind = 'guest' order by u.id`
  return rows.map(({ id }) => id)
}

/** What guests have cost so far: accounts, and numbers of the room. */
async function costs(): Promise<{ users: number; numbers: number }> {
  const [row] = await sql<{ users: number; numbers: number }[]>`
    select (select count(*)::int from users) as users, (select last_seq::int from rooms where name = 'lobby') as numbers`
  return row ?? { users: 0, numbers: 0 }
}
