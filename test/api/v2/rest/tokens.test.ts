import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { ListedTokens, SignedIn, Ticket, Token, User } from '../../../../src/api/v2/wire/index.ts'
import { startApp, type TestApp } from '../../../support/app.ts'
import { openSocket, type TestSocket } from '../../support/socket.ts'
import { anotherToken, type Person, person } from '../support/people.ts'
import { connect, V2Client } from '../support/v2-client.ts'
import { bodyOf, call, expectDone, expectProblem, get } from './support/client.ts'

let app: TestApp
beforeAll(async () => {
  app = await startApp()
})
afterAll(() => app.close())

interface Session extends Person {
  /** What its token is called in lists. */
  readonly tokenId: string
}

/** Somebody who is signed in so many times. */
async function sessions(count: number): Promise<Session[]> {
  const first = await person(app)
  const all: Session[] = []
  for (let i = 0; i < count; i++) {
    const token = i === 0 ? first.token : await anotherToken(app, first)
    const { items } = await get(app, { token }, '/me/tokens', ListedTokens)
    all.push({ ...first, token, tokenId: items.find(({ current }) => current)?.id ?? '' })
  }
  return all
}

function isSignedIn(who: Person): Promise<boolean> {
  return call(app, who, 'GET', '/me').then(({ status }) => status === 200)
}

describe('the caller’s tokens', () => {
  test('are listed newest first, with the current one marked, without the secrets', async () => {
    const all = await sessions(3)
    const [, second] = all
    if (second === undefined) throw new Error('there are three')
    const answer = await call(app, second, 'GET', '/me/tokens')
    const { items } = bodyOf(answer, 200, ListedTokens)
    expect(items.map(({ id }) => id)).toEqual(all.map(({ tokenId }) => tokenId).reverse())
    expect(items.map(({ current }) => current)).toEqual([false, true, false])
    for (const { created_at, expires_at } of items) {
      expect(Date.parse(expires_at) - Date.parse(created_at)).toBe(90 * 86_400_000)
    }
    for (const { token } of all) expect(answer.text).not.toContain(token)
  })

  test('a further one identifies the same user', async () => {
    const me = await person(app)
    const { token, expires_in_ms } = bodyOf(await call(app, me, 'POST', '/me/tokens'), 201, Token)
    expect(expires_in_ms).toBe(90 * 86_400_000)
    expect(token).not.toBe(me.token)
    expect((await get(app, { token }, '/me', User)).id).toBe(me.id)
  })

  test('one revoked by its id closes its sockets, and nothing else', async () => {
    const [here, there] = await sessions(2)
    if (here === undefined || there === undefined) throw new Error('there are two')
    const [own, other] = [await connect(app, here), await connect(app, there)]
    expectDone(await call(app, here, 'DELETE', `/me/tokens/${there.tokenId}`))
    expect((await other.closed).code).toBe(1008)
    expect(await isSignedIn(there)).toBe(false)
    expect(await isSignedIn(here)).toBe(true)
    await own.settled()
    await own.close()
    const again = await call(app, here, 'DELETE', `/me/tokens/${there.tokenId}`)
    expectProblem(again, 404, 'not_found', { detail: 'Token not found' })
  })

  test('`current` stands for the one in use: revoking it signs out', async () => {
    const [here, there] = await sessions(2)
    if (here === undefined || there === undefined) throw new Error('there are two')
    const socket = await connect(app, here)
    expectDone(await call(app, here, 'DELETE', '/me/tokens/current'))
    expect((await socket.closed).code).toBe(1008)
    expectProblem(await call(app, here, 'GET', '/me'), 401, 'unauthenticated')
    expect(await isSignedIn(there)).toBe(true)
  })

  test('all others are revoked at once, and their sockets closed', async () => {
    const [here, ...others] = await sessions(4)
    if (here === undefined) throw new Error('there are four')
    const own = await connect(app, here)
    const sockets = await Promise.all(others.map((other) => connect(app, other)))
    expectDone(await call(app, here, 'DELETE', '/me/tokens'))
    for (const socket of sockets) expect((await socket.closed).code).toBe(1008)
    expect(await Promise.all(others.map(isSignedIn))).toEqual([false, false, false])
    expect((await get(app, here, '/me/tokens', ListedTokens)).items).toHaveLength(1)
    await own.settled()
    await own.close()
  })

  test('cannot be revoked by others', async () => {
    const [mine] = await sessions(1)
    const [theirs] = await sessions(1)
    if (mine === undefined || theirs === undefined) throw new Error('there is one of each')
    for (const id of [theirs.tokenId, theirs.token, 'f'.repeat(64), 'x', '%00', '0']) {
      expectProblem(await call(app, mine, 'DELETE', `/me/tokens/${id}`), 404, 'not_found')
    }
    expect(await isSignedIn(theirs)).toBe(true)
  })
})

describe('a change of the password', () => {
  test('closes the sockets of the other tokens, but not those of this one', async () => {
    const password = 'correct horse battery'
    const credentials = { username: `changes-${crypto.randomUUID()}`, password }
    const tokenOf = async (path: string) =>
      bodyOf(await call(app, null, 'POST', path, credentials), 201, SignedIn)
    const [here, there] = [await tokenOf('/users'), await tokenOf('/tokens')]
    const open = async ({ token }: { token: string }): Promise<TestSocket> => {
      const socket = openSocket(`${app.wsUrl}/api/v2/socket`, { authorization: `Bearer ${token}` })
      await socket.opened
      return socket
    }
    const [own, other] = [await open(here), await open(there)]
    const json = { current_password: password, new_password: 'another horse entirely' }
    expectDone(await call(app, here, 'PUT', '/me/password', json))
    expect((await other.closed).code).toBe(1008)
    expectProblem(await call(app, there, 'GET', '/me'), 401, 'unauthenticated')
    expect((await own.close(1000)).code).toBe(1000)
  })
})

describe('a ticket', () => {
  test('opens one socket, and ends with its token', async () => {
    const me = await person(app)
    const { ticket, expires_in_ms } = bodyOf(await call(app, me, 'POST', '/me/tickets'), 201, Ticket)
    expect(expires_in_ms).toBe(30_000)
    const socket = new V2Client(`${app.wsUrl}/api/v2/socket?ticket=${ticket}`)
    expect((await socket.heard('hello')).identified?.user.id).toBe(me.id)
    const again = openSocket(`${app.wsUrl}/api/v2/socket?ticket=${ticket}`)
    await expect(again.opened).rejects.toThrow('refused')
    expectDone(await call(app, me, 'DELETE', '/me/tokens/current'))
    expect((await socket.closed).code).toBe(1008)
  })
})
