import { afterAll, describe, expect, spyOn, test } from 'bun:test'
import { ChatError } from '../../src/core/index.ts'
import { createPasswords } from '../../src/server/index.ts'

const hash = spyOn(Bun.password, 'hash')
const verify = spyOn(Bun.password, 'verify')
afterAll(() => {
  hash.mockRestore()
  verify.mockRestore()
})

describe('passwords', () => {
  test('are hashed with argon2id at the recommended cost, with a salt of their own', async () => {
    const passwords = createPasswords({ concurrency: 2, queue: 8 })
    const [one, two] = await Promise.all([passwords.hash('same'), passwords.hash('same')])
    for (const made of [one, two]) expect(made).toStartWith('$argon2id$v=19$m=19456,t=2,p=1$')
    expect(one).not.toBe(two)
    expect(await passwords.verify('same', one)).toBe(true)
    expect(await passwords.verify('Same', one)).toBe(false)
    expect(await passwords.verify('same\0', one)).toBe(false)
  })

  test('a hash that is not there is no match, whatever the password', async () => {
    const passwords = createPasswords({ concurrency: 2, queue: 8 })
    for (const password of ['', 'null', 'x'.repeat(256)]) {
      expect(await passwords.verify(password, null)).toBe(false)
    }
  })
})

describe('hashes', () => {
  test('run at most so many at the same time, each in its turn', async () => {
    const work = controlled()
    const passwords = createPasswords({ concurrency: 2, queue: 10 })
    const done: string[] = []
    const all = ['a', 'b', 'c', 'd', 'e'].map(async (name) => void done.push(await passwords.hash(name)))
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

  test('are refused at once beyond the queue, and taken again when there is room', async () => {
    const work = controlled()
    const passwords = createPasswords({ concurrency: 1, queue: 2 })
    const waiting = ['a', 'b', 'c'].map((name) => passwords.hash(name))
    await work.started(1)
    for (const refused of [passwords.hash('d'), passwords.verify('e', 'f'), passwords.verify('g', null)]) {
      const error: unknown = await refused.catch((reason: unknown) => reason)
      if (!(error instanceof ChatError)) throw new Error('it was not refused')
      expect([error.kind, error.retryable, error.retryAfterMs > 0]).toEqual(['overloaded', true, true])
    }
    work.finish('a')
    await work.started(2)
    const late = passwords.hash('h')
    for (const name of ['b', 'c', 'h']) {
      await work.started(name === 'b' ? 2 : name === 'c' ? 3 : 4)
      work.finish(name)
    }
    expect(await Promise.all([...waiting, late])).toEqual(['a', 'b', 'c', 'h'])
  })

  test('that fail give their place back', async () => {
    const work = controlled()
    const passwords = createPasswords({ concurrency: 1, queue: 1 })
    const failing = passwords.hash('bad')
    const next = passwords.hash('good')
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
    const first = passwords.hash('a')
    await work.started(1)
    expect(await passwords.hash('b').catch(() => 'refused')).toBe('refused')
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
    async started(wanted: number): Promise<void> {
      while (count < wanted) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    },
  }
}
