// A second way to sign in, whose tokens are signed and stored nowhere: on two nodes over one Redis, and on one that is alone.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import postgres from 'postgres'
import { Identified } from '../../src/api/v2/wire/index.ts'
import { makeRoom, type Person, pair, person } from '../api/v2/support/people.ts'
import { enter, send } from '../api/v2/support/rooms.ts'
import { connect, V2Client } from '../api/v2/support/v2-client.ts'
import { present } from '../core/fakes/values.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'
import { type SignedTokens, signedTokens } from '../support/signed-tokens.ts'

const HOUR_MS = 3_600_000
/** How soon an end is told to every node. */
const WITHIN_MS = 1000
/** More than the time between two checks of a node that is alone with its Postgres. */
const CHECKED_MS = 20_000

let redis: RedisServer
let one: Node
let two: Node
let alone: Node

beforeAll(async () => {
  redis = await startRedis()
  alone = await startNode({})
  const env = { DATABASE_URL: alone.app.databaseUrl, REDIS_URL: redis.url, REDIS_SHARDS: '2' }
  one = await startNode(env)
  two = await startNode(env)
})
afterAll(async () => {
  for (const { app } of [one, two, alone]) await app.close()
  await redis.remove()
})

describe('a signed token', () => {
  test('authenticates a REST request, with any of the header schemes and as a cookie', async () => {
    const ann = await signedIn(one)
    const headers = [
      ...['Bearer', 'Token', 'JWT'].map((scheme) => ({ authorization: `${scheme} ${ann.token}` })),
      { cookie: `parley_session=${ann.token}` },
    ]
    for (const each of headers) {
      const answer = await fetch(`${two.app.url}/api/v2/me`, { headers: each })
      expect([answer.status, await answer.json()]).toMatchObject([200, { id: ann.id }])
    }
  })

  test('opens a socket, in the header, in the query and in the first frame', async () => {
    const ann = await signedIn(one)
    const room = await makeRoom(one.app, ann)
    const told = await connect(two.app, null)
    await told.result({ type: 'auth', token: ann.token }, Identified)
    const inQuery = new V2Client(`${one.app.wsUrl}/api/v2/socket?token=${ann.token}`)
    await inQuery.heard('hello')
    for (const client of [told, inQuery, await connect(one.app, ann)]) {
      await enter(client, room)
      await send(client, room, 'hello')
      expect(client.problems).toEqual([])
      await client.close()
    }
  })

  test('opens a socket of every older contract', async () => {
    const ann = await signedIn(one)
    const room = await makeRoom(one.app, ann, [], 'public')
    const path = `/api/v1/ws/${room}/${ann.id}?token=${ann.token}`
    for (const each of [path, `/ws/chat/lobby/?token=${ann.token}`]) {
      const socket = new WebSocket(`${two.app.wsUrl}${each}`)
      const opened = Promise.withResolvers<boolean>()
      socket.onopen = () => opened.resolve(true)
      socket.onclose = () => opened.resolve(false)
      expect(await opened.promise).toBe(true)
      socket.close()
    }
  })

  test('is refused if it is forged or has expired', async () => {
    const ann = await signedIn(one)
    const expired = one.tokens.issue((await person(one.app)).id, -1)
    for (const token of [`${ann.token}x`, ann.token.replace('.', '.x'), expired]) {
      const answer = await fetch(`${one.app.url}/api/v2/me`, { headers: { authorization: `JWT ${token}` } })
      expect(answer.status).toBe(401)
    }
  })

  test('is not one of the server’s own tokens: it is not listed, gets no tickets and is not ended by a logout', async () => {
    const ann = await signedIn(one)
    const ask = (method: string, path: string) =>
      fetch(`${one.app.url}${path}`, { method, headers: { authorization: `Bearer ${ann.token}` } })
    const listed = await (await ask('GET', '/api/v2/me/tokens')).json()
    expect(listed).toMatchObject({ items: [{ current: false }] })
    expect((await ask('POST', '/api/v2/me/tickets')).status).toBe(403)
    expect((await ask('DELETE', '/api/v2/me/tokens/current')).status).toBe(404)
    expect((await ask('POST', '/api/auth/logout')).status).toBe(204)
    expect((await ask('GET', '/api/v2/me')).status).toBe(200)
  })

  test('closes the socket that it opened when it expires', async () => {
    const ann = await signedIn(one, 3000)
    const client = await connect(one.app, ann)
    const start = performance.now()
    expect(await client.closed).toMatchObject({ code: 1008, reason: 'the token has expired' })
    expect(performance.now() - start).toBeLessThan(3000 + WITHIN_MS)
    const headers = { authorization: `Bearer ${ann.token}` }
    expect((await fetch(`${one.app.url}/api/v2/me`, { headers })).status).toBe(401)
  })

  test('that is revoked closes its sockets on every node within a second, and no others', async () => {
    const took: number[] = []
    for (let round = 0; round < 5; round++) {
      const ann = await signedIn(one)
      const kept = await connect(two.app, { ...ann, token: one.tokens.issue(ann.id, HOUR_MS) })
      const clients = [await connect(one.app, ann), await connect(two.app, ann)]
      const start = performance.now()
      one.tokens.end(one.tokens.sessionOf(ann.token))
      for (const client of clients) {
        expect(await client.closed).toMatchObject({ code: 1008, reason: 'signed out' })
      }
      took.push(performance.now() - start)
      for (const { app } of [one, two]) {
        const headers = { authorization: `Bearer ${ann.token}` }
        expect((await fetch(`${app.url}/api/v2/me`, { headers })).status).toBe(401)
      }
      await kept.settled()
      await kept.close()
    }
    // The check of all sockets, a minute apart, cannot have been quicker.
    expect(Math.min(...took)).toBeLessThan(WITHIN_MS)
  })
})

describe('the check of open sockets asks each provider', () => {
  test('and closes those whose sessions ended without notice', async () => {
    const ann = await signedIn(alone)
    const [gone, kept] = [await connect(alone.app, ann), await connect(alone.app, await signedIn(alone))]
    const own = await connect(alone.app, await person(alone.app))
    alone.tokens.endSilently(alone.tokens.sessionOf(ann.token))
    const closed = await Promise.race([gone.closed, Bun.sleep(CHECKED_MS)])
    expect(closed).toMatchObject({ code: 1008, reason: 'signed out' })
    for (const client of [kept, own]) {
      await client.settled()
      await client.close()
    }
  })

  test('and closes those of users who were removed', async () => {
    const [ann, bob] = await pair(alone.app)
    const tokens = [ann, bob].map(({ id }) => alone.tokens.issue(id, HOUR_MS))
    const [gone, kept] = [
      await connect(alone.app, { ...ann, token: present(tokens[0]) }),
      await connect(alone.app, { ...bob, token: present(tokens[1]) }),
    ]
    const sql = postgres(alone.app.databaseUrl, { max: 1 })
    await sql`delete from users where id = ${ann.id}`
    await sql.end()
    const closed = await Promise.race([gone.closed, Bun.sleep(CHECKED_MS)])
    expect(closed).toMatchObject({ code: 1008 })
    await kept.settled()
    await kept.close()
  })
})

interface Node {
  readonly app: TestApp
  readonly tokens: SignedTokens
}

async function startNode(env: Readonly<Record<string, string>>): Promise<Node> {
  const made: SignedTokens[] = []
  const app = await startApp(
    { SOCKET_HEARTBEAT_MS: '200', ...env },
    {
      identityProviders(parts) {
        made.push(signedTokens(parts, 'a secret of all nodes'))
        return made
      },
    },
  )
  return { app, tokens: present(made[0]) }
}

/** A person with a signed token in place of the server's own. */
async function signedIn({ app, tokens }: Node, lifetimeMs = HOUR_MS): Promise<Person> {
  const made = await person(app)
  return { ...made, token: tokens.issue(made.id, lifetimeMs) }
}
