import { beforeEach, describe, expect, test } from 'bun:test'
import { AccountsRig, HERE, THERE } from './fakes/accounts-rig.ts'
import { id } from './fakes/values.ts'

const DAY = 86_400_000
let rig: AccountsRig

beforeEach(() => {
  rig = new AccountsRig()
})

describe('registering', () => {
  test('creates an account with a token, which is stored only as a hash', async () => {
    const { user, token, expiresInMs } = await rig.accounts.register('ann', 'long enough', THERE)
    expect(token).toMatch(/^[0-9a-f]{40}$/)
    expect(expiresInMs).toBe(2 * DAY)
    expect(await rig.accounts.authenticate(token)).toEqual({ user, expiresInMs })
    expect(rig.users.all).toEqual([{ user, passwordHash: '<long enough>', kind: 'person' }])
    expect([...rig.tokens.all.keys()]).toEqual([rig.accounts.fingerprint(token)])
    expect(rig.accounts.fingerprint(token)).not.toContain(token)
  })

  test.each([
    ['ann', 'short'],
    ['ann', '😀😀😀😀'],
    ['ann', 'x'.repeat(257)],
    ['ann', 'long enough\0'],
    ['ann', 'long enough\ud800'],
    ['a b', 'long enough'],
    ['', 'long enough'],
  ])('refuses %j with %j', async (name, password) => {
    await expect(rig.accounts.register(name, password, THERE)).rejects.toMatchObject({ kind: 'invalid' })
    expect(rig.users.all).toEqual([])
  })

  test.each(['⑴', 'ﷺ', '½', 'ﷺ'.repeat(150)])(
    'refuses %j, whose normalised form is not a username',
    async (name) => {
      await expect(rig.accounts.register(name, 'long enough', THERE)).rejects.toMatchObject({
        field: 'username',
      })
      await expect(rig.accounts.registerWithoutPassword(name, THERE)).rejects.toMatchObject({
        field: 'username',
      })
    },
  )

  test('refuses a name that is taken in any form', async () => {
    await rig.accounts.register('ﬁona', 'long enough', THERE)
    await expect(rig.accounts.register('FIONA', 'long enough', THERE)).rejects.toMatchObject({
      kind: 'conflict',
    })
  })
})

describe('an account without a password', () => {
  test('is identified by its token, and is open', async () => {
    const { user, token, expiresInMs } = await rig.accounts.registerWithoutPassword('bot', THERE)
    expect(await rig.accounts.authenticate(token)).toEqual({ user, expiresInMs })
    expect(await rig.accounts.openness(user.id)).toEqual({ user, open: true })
  })

  test('accepts no password', async () => {
    await rig.accounts.registerWithoutPassword('bot', THERE)
    for (const password of ['', 'null', 'long enough']) {
      await expect(rig.accounts.login('bot', password, HERE)).rejects.toMatchObject({
        kind: 'unauthenticated',
      })
    }
  })

  test('is the only open kind', async () => {
    const person = await rig.accounts.register('ann', 'long enough', THERE)
    const guest = await rig.users.createUser('guest', null, 'guest')
    expect(await rig.accounts.openness(person.user.id)).toEqual({ user: person.user, open: false })
    for (const other of [guest.id, id(99)]) expect(await rig.accounts.openness(other)).toBeNull()
  })
})
