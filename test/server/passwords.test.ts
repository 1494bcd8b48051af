import { afterAll, describe, expect, spyOn, test } from 'bun:test'
import { ChatError, type HashTurn } from '../../src/core/index.ts'
import { createPasswords } from '../../src/server/index.ts'

const hash = spyOn(Bun.password, 'hash')
const verify = spyOn(Bun.password, 'verify')
afterAll(() => {
  hash.mockRestore()
  verify.mockRestore()
})

const ANN: HashTurn = { kind: 'sign_in', source: 'ann' }
const BOB: HashTurn = { kind: 'sign_in', source: 'bob' }
const REGISTRATION: HashTurn = { kind: 'registration', source: 'ann' }
const KNOWN: HashTurn = { kind: 'known', source: 'ann' }

describe('passwords', () => {
  test('are hashed with argon2id at the recommended cost, each with its own salt', async () => {
    const passwords = createPasswords({ concurrency: 2, queue: 8 })
    const [one, two] = await Promise.all([passwords.hash('same', ANN), passwords.hash('same', ANN)])
    for (const made of [one, two]) expect(made).toStartWith('$argon2id$v=19$m=19456,t=2,p=1$')
    expect(one).not.toBe(two)
    expect(await passwords.verify('same', one, ANN)).toBe(true)
    expect(await passwords.verify('Same', one, ANN)).toBe(false)
    expect(await passwords.verify('same\0', one, ANN)).toBe(false)
  })

  test('do not match a missing hash', async () => {
    const passwords = createPasswords({ concurrency: 2, queue: 8 })
    for (const password of ['', 'null', 'x'.repeat(256)]) {
      expect(await passwords.verify(password, null, ANN)).toBe(false)
    }
  })
})

describe('password hashes', () => {
  test('run up to a number at the same time, in order', async () => {
    const work = controlled()
    const passwords = createPasswords({ concurrency: 2, queue: 10 })
    const done: string[] = []
    const all = ['a', 'b', 'c', 'd', 'e'].map(async (name) => void done.push(await passwords.hash(name, ANN)))
    await work.started(2)
    expect(work.running()).toEqual(['a', 'b'])
    work.finish('b')
    await work.started(3)
    expect(work.running()).toEqual(['a', 'c'])
    work.finish('a')
    work.finish('c')
    await work.started(5)
    expect(work.running()).toEqual(['d', 'e'])
    work.finish('e')
    work.finish('d')
    await Promise.all(all)
    expect(done.sort()).toEqual(['a', 'b', 'c', 'd', 'e'])
  })

  test('are refused at once past the queue’s limit, and accepted again when there is room', async () => {
    const work = controlled()
    const passwords = createPasswords({ concurrency: 1, queue: 2 })
    const waiting = ['a', 'b', 'c'].map((name) => passwords.hash(name, ANN))
    await work.started(1)
    for (const refused of [
      passwords.hash('d', ANN),
      passwords.verify('e', 'f', ANN),
      passwords.verify('g', null, ANN),
    ]) {
      const error: unknown = await refused.catch((reason: unknown) => reason)
      if (!(error instanceof ChatError)) throw new Error('it was not refused')
      expect([error.kind, error.retryable, error.retryAfterMs > 0]).toEqual(['overloaded', true, true])
    }
    work.finish('a')
    await work.started(2)
    const late = passwords.hash('h', ANN)
    for (const name of ['b', 'c', 'h']) {
      await work.started(name === 'b' ? 2 : name === 'c' ? 3 : 4)
      work.finish(name)
    }
    expect(await Promise.all([...waiting, late])).toEqual(['a', 'b', 'c', 'h'])
  })

  test('of sign-ins run before registrations, and those of known clients before both; all get turns', async () => {
    const work = controlled()
    const passwords = createPasswords({ concurrency: 1, queue: 10 })
    const all = [passwords.hash('r0', REGISTRATION)]
    for (const [kind, turn] of [
      ['r', REGISTRATION],
      ['s', BOB],
      ['k', KNOWN],
    ] as const) {
      for (let i = 1; i <= 3; i++) all.push(passwords.hash(`${kind}${i}`, turn))
    }
    expect(await work.order(10)).toEqual(['r0', 'k1', 'k2', 'k3', 'r1', 's1', 's2', 's3', 'r2', 'r3'])
    await Promise.all(all)
  })

  test('of one address wait for those of others, and give their places up to them', async () => {
    const work = controlled()
    const passwords = createPasswords({ concurrency: 1, queue: 4 })
    const own = ['a0', 'a1', 'a2', 'a3', 'a4'].map((name) => passwords.hash(name, ANN))
    const refused = Promise.allSettled(own)
    const other = [passwords.hash('b1', BOB), passwords.hash('b2', BOB)]
    expect(await passwords.hash('b3', BOB).catch(() => 'refused')).toBe('refused')
    expect(await passwords.hash('a5', ANN).catch(() => 'refused')).toBe('refused')
    expect(await work.order(5)).toEqual(['a0', 'a1', 'b1', 'a2', 'b2'])
    expect((await refused).map(({ status }) => status === 'fulfilled')).toEqual([
      true,
      true,
      true,
      false,
      false,
    ])
    expect(await Promise.all(other)).toEqual(['b1', 'b2'])
  })

  test('of one kind do not fill the places of another', async () => {
    const work = controlled()
    const passwords = createPasswords({ concurrency: 1, queue: 2 })
    const flood = Array.from({ length: 20 }, (_, i) =>
      passwords.hash(`r${i}`, { kind: 'registration', source: `${i}` }).catch(() => 'refused'),
    )
    const right = [passwords.hash('s1', ANN), passwords.hash('k1', KNOWN)]
    await work.order(5)
    expect(await Promise.all(right)).toEqual(['s1', 'k1'])
    expect((await Promise.all(flood)).filter((outcome) => outcome === 'refused')).toHaveLength(17)
  })

  test('that fail give their place back', async () => {
    const work = controlled()
    const passwords = createPasswords({ concurrency: 1, queue: 1 })
    const failing = passwords.hash('bad', ANN)
    const next = passwords.hash('good', ANN)
    await work.started(1)
    work.fail('bad')
    expect(await failing.catch((error: unknown) => String(error))).toContain('failed')
    await work.started(2)
    work.finish('good')
    expect(await next).toBe('good')
  })

  test('with no queue run up to the cap and no further', async () => {
    const work = controlled()
    const passwords = createPasswords({ concurrency: 1, queue: 0 })
    const first = passwords.hash('a', ANN)
    await work.started(1)
    expect(await passwords.hash('b', ANN).catch(() => 'refused')).toBe('refused')
    work.finish('a')
    expect(await first).toBe('a')
  })
})

/** Hashing that ends when the test says so; its result is the password. The decoy's hash is made apart. */
function controlled() {
  const jobs = new Map<string, PromiseWithResolvers<string>>()
  let count = 0
  let wake: () => void = () => undefined
  hash.mockImplementation((password) => {
    const name = String(password)
    // The decoy, which is made on creation, has a name like no password here.
    if (name.length > 20) return Promise.resolve('decoy')
    const job = Promise.withResolvers<string>()
    jobs.set(name, job)
    count++
    wake()
    return job.promise
  })
  verify.mockImplementation(() => Promise.resolve(false))

  function take(name: string): PromiseWithResolvers<string> {
    const job = jobs.get(name)
    if (job === undefined) throw new Error(`${name} does not run`)
    jobs.delete(name)
    return job
  }

  return {
    running: () => [...jobs.keys()],
    finish: (name: string) => take(name).resolve(name),
    fail: (name: string) => take(name).reject(new Error('it failed')),
    /** Finishes so many, one after the other. @returns in which order they ran */
    async order(wanted: number): Promise<string[]> {
      const names: string[] = []
      while (names.length < wanted) {
        await this.started(names.length + 1)
        const [name = ''] = jobs.keys()
        take(name).resolve(name)
        names.push(name)
      }
      return names
    },
    async started(wanted: number): Promise<void> {
      while (count < wanted) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    },
  }
}
