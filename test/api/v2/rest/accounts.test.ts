import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { SignedIn, User, UserPage } from '../../../../src/api/v2/wire/index.ts'
import { startApp, type TestApp } from '../../../support/app.ts'
import { until } from '../../../support/until.ts'
import { openSocket } from '../../support/socket.ts'
import { person } from '../support/people.ts'
import { bodyOf, call, expectDone, expectProblem, get } from './support/client.ts'

const PASSWORD = 'correct horse battery'
const NEXT = 'staple, correct horse'

let app: TestApp
beforeAll(async () => {
  app = await startApp({ PRESENCE_GRACE_MS: '0' })
})
afterAll(() => app.close())

async function signUp(username = `user-${crypto.randomUUID()}`) {
  return bodyOf(await call(app, null, 'POST', '/users', { username, password: PASSWORD }), 201, SignedIn)
}

function signIn(username: string, password = PASSWORD) {
  return call(app, null, 'POST', '/tokens', { username, password })
}

describe('signing up and in', () => {
  test('returns a token, its expiry, and the user; no cookie', async () => {
    const made = await signUp('Alice')
    expect(made).toMatchObject({
      user: { username: 'Alice', first_name: '', online: false, last_seen: null },
    })
    expect(made.expires_in_ms).toBe(90 * 86_400_000)
    const answer = await signIn('aLiCe')
    const again = bodyOf(answer, 201, SignedIn)
    expect(again.user).toEqual(made.user)
    expect(again.token).not.toBe(made.token)
    expect(answer.headers.get('set-cookie')).toBeNull()
    expect(await get(app, again, '/me', User)).toEqual(made.user)
    expect(await get(app, made, '/users/me', User)).toEqual(made.user)
  })

  test('a name that is taken in any case gets a conflict', async () => {
    await signUp('Taken')
    const answer = await call(app, null, 'POST', '/users', { username: 'tAKEN', password: PASSWORD })
    expectProblem(answer, 409, 'conflict')
  })

  test('names the field that is not acceptable', async () => {
    const bad = [
      [{ username: 'a b', password: PASSWORD }, 'username'],
      [{ username: '', password: PASSWORD }, 'username'],
      [{ username: 'fine', password: 'short' }, 'password'],
      [{ username: 'fine', password: 'x'.repeat(257) }, 'password'],
    ] as const
    for (const [json, field] of bad) {
      expectProblem(await call(app, null, 'POST', '/users', json), 400, 'invalid', { field })
    }
  })

  test('a wrong password and an unknown user get the same response', async () => {
    const { user } = await signUp()
    const wrong = expectProblem(await signIn(user.username, 'not it, really'), 401, 'unauthenticated')
    const unknown = expectProblem(await signIn('nobody-at-all'), 401, 'unauthenticated')
    expect(wrong).toEqual(unknown)
  })
})

describe('the profile', () => {
  test('changes in the given fields, visible to everyone at once', async () => {
    const me = await signUp()
    const other = await person(app)
    expect(bodyOf(await call(app, me, 'PATCH', '/me', { first_name: 'Alice' }), 200, User)).toEqual({
      ...me.user,
      first_name: 'Alice',
    })
    const whole = bodyOf(await call(app, me, 'PATCH', '/me', { last_name: 'Liddell' }), 200, User)
    expect(whole).toEqual({ ...me.user, first_name: 'Alice', last_name: 'Liddell' })
    expect(await get(app, me, '/me', User)).toEqual(whole)
    expect(await get(app, other, `/users/${me.user.id}`, User)).toEqual(whole)
    expect(bodyOf(await call(app, me, 'PATCH', '/me', { last_name: '' }), 200, User).last_name).toBe('')
  })

  test('has names of at most 150 characters, counted as code points', async () => {
    const me = await signUp()
    const longest = '😀'.repeat(150)
    const patched = bodyOf(await call(app, me, 'PATCH', '/me', { first_name: longest }), 200, User)
    expect(patched.first_name).toBe(longest)
    for (const field of ['first_name', 'last_name']) {
      for (const value of ['x'.repeat(151), 'a\0b', '\ud800', 7, null]) {
        const answer = await call(app, me, 'PATCH', '/me', { [field]: value })
        expectProblem(answer, 400, 'invalid', { field })
      }
    }
  })

  test('a change without fields is refused', async () => {
    const me = await signUp()
    for (const json of [{}, { username: 'root' }, []]) {
      expectProblem(await call(app, me, 'PATCH', '/me', json), 400, 'invalid')
    }
  })
})

describe('the password', () => {
  const change = (who: { token: string }, current: string, next: string) =>
    call(app, who, 'PUT', '/me/password', { current_password: current, new_password: next })

  test('once changed, is the one to sign in with, and the other tokens are revoked', async () => {
    const me = await signUp()
    const elsewhere = bodyOf(await signIn(me.user.username), 201, SignedIn)
    await get(app, elsewhere, '/me', User)
    expectDone(await change(me, PASSWORD, NEXT))
    expectProblem(await call(app, elsewhere, 'GET', '/me'), 401, 'unauthenticated')
    await get(app, me, '/me', User)
    expectProblem(await signIn(me.user.username), 401, 'unauthenticated')
    bodyOf(await signIn(me.user.username, NEXT), 201, SignedIn)
  })

  test('stays the same if the current one is wrong, or the new one is not acceptable', async () => {
    const me = await signUp()
    expectProblem(await change(me, NEXT, NEXT), 403, 'forbidden', { field: 'current_password' })
    expectProblem(await change(me, PASSWORD, 'short'), 400, 'invalid', { field: 'new_password' })
    bodyOf(await signIn(me.user.username), 201, SignedIn)
  })

  test('cannot be set for an account that was created without one', async () => {
    expectProblem(await change(await person(app), '', NEXT), 403, 'forbidden')
  })

  test('wrong passwords are limited as they are at sign-in', async () => {
    const strict = await startApp({ RATE_LOGINS_PER_MINUTE: '2' })
    const json = { username: 'guessed', password: PASSWORD }
    const me = bodyOf(await call(strict, null, 'POST', '/users', json), 201, SignedIn)
    const guess = { current_password: 'a wild guess', new_password: NEXT }
    for (let i = 0; i < 2; i++) {
      expectProblem(await call(strict, me, 'PUT', '/me/password', guess), 403, 'forbidden')
    }
    const limited = await call(strict, me, 'PUT', '/me/password', guess)
    const { retry_after_ms } = expectProblem(limited, 429, 'rate_limited')
    expect(retry_after_ms).toBeGreaterThan(0)
    expect(Number(limited.headers.get('retry-after'))).toBe(Math.ceil(retry_after_ms / 1000))
    await strict.close()
  })
})

describe('users', () => {
  test('are found by the beginning of their names, in any case', async () => {
    const [me, prefix] = [await person(app), `Find${crypto.randomUUID()}`]
    const found = [await person(app, `${prefix}_a`), await person(app, `${prefix}.b`)]
    const page = await get(app, me, `/users?search=${prefix.toLowerCase()}`, UserPage)
    expect(page.items.map(({ id }) => id)).toEqual(found.map(({ id }): number => id))
    expect(page.next).toBeNull()
  })

  test('that do not exist are not found', async () => {
    const me = await person(app)
    for (const id of ['987654', '0', '-1', 'x', '9007199254740993', '%00']) {
      expectProblem(await call(app, me, 'GET', `/users/${id}`), 404, 'not_found')
    }
  })

  test('are online while they have an open connection, and have a last-seen time afterwards', async () => {
    const [me, other] = [await person(app), await person(app)]
    const see = () => get(app, me, `/users/${other.id}`, User)
    expect(await see()).toMatchObject({ online: false, last_seen: null })
    const socket = openSocket(`${app.wsUrl}/api/v2/socket`, { authorization: `Token ${other.token}` })
    await socket.opened
    expect(await see()).toMatchObject({ online: true })
    const listed = await get(app, me, `/users?search=${other.username}`, UserPage)
    expect(listed.items).toEqual([await see()])
    await socket.close()
    const gone = await until(async () => {
      const user = await see()
      return user.last_seen === null ? null : user
    }, 'the user to have been seen')
    expect(gone.online).toBe(false)
    expect(Date.parse(gone.last_seen ?? '')).toBeGreaterThanOrEqual(Date.parse(gone.created_at))
  })
})
