import { ChatError, type Passwords } from '../core/index.ts'

/** OWASP's recommendation for argon2id (Password Storage Cheat Sheet): 19 MiB, two passes. */
const argon2id = { algorithm: 'argon2id', memoryCost: 19_456, timeCost: 2 } as const

export interface PasswordsOptions {
  /** Hashes at the same time: each takes a core and 19 MiB. */
  readonly concurrency: number
  /** How many more may wait. */
  readonly queue: number
}

export function createPasswords({ concurrency, queue }: PasswordsOptions): Passwords {
  let running = 0
  const waiting: (() => void)[] = []
  // Compared against where there is no account, so that both cases take the same time.
  const decoy = Bun.password.hash(crypto.randomUUID(), argon2id)
  decoy.catch(() => undefined)

  async function inTurn<T>(run: () => Promise<T>): Promise<T> {
    if (running >= concurrency) {
      if (waiting.length >= queue) {
        throw new ChatError('overloaded', 'The server is busy, try again', { retryAfterMs: 2000 })
      }
      await new Promise<void>((resolve) => waiting.push(resolve))
    } else {
      running++
    }
    try {
      return await run()
    } finally {
      // The turn passes to whoever waits, so `running` stays as it is.
      const next = waiting.shift()
      if (next === undefined) running--
      else next()
    }
  }

  return {
    hash: (password) => inTurn(() => Bun.password.hash(password, argon2id)),
    async verify(password, hash) {
      const same = await inTurn(async () => Bun.password.verify(password, hash ?? (await decoy)))
      return same && hash !== null
    },
  }
}
