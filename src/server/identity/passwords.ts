import { ChatError, type HashTurn, type Passwords } from '../../core/index.ts'
import { FairQueue } from './fair-queue.ts'

/** OWASP's recommendation for argon2id (Password Storage Cheat Sheet): 19 MiB, two passes. */
const argon2id = { algorithm: 'argon2id', memoryCost: 19_456, timeCost: 2 } as const

/** Every fourth turn takes the kinds in reverse order, so that accounts are made however many users sign in. */
const LAST_FIRST = 4

export interface PasswordsOptions {
  /** Hashes computed at the same time; each takes a core and 19 MiB. */
  readonly concurrency: number
  /** How many further hashes of each kind may wait. */
  readonly queue: number
}

/** Hashes a few passwords at a time. A flood of one kind, or from one address, does not block the others. */
export function createPasswords({ concurrency, queue }: PasswordsOptions): Passwords {
  let running = 0
  let turns = 0
  const waiting: Record<HashTurn['kind'], FairQueue<Waiting>> = {
    known: new FairQueue(queue),
    sign_in: new FairQueue(queue),
    registration: new FairQueue(queue),
  }
  const firstToLast = [waiting.known, waiting.sign_in, waiting.registration]
  const lastToFirst = firstToLast.toReversed()
  // Compared with if there is no such account, so that both cases take the same time.
  const decoy = Bun.password.hash(crypto.randomUUID(), argon2id)
  decoy.catch(() => undefined)

  function itsTurn({ kind, source }: HashTurn): Promise<void> {
    return new Promise((resolve, reject) => {
      const own = { begin: resolve, refuse: () => reject(busy()) }
      waiting[kind].push(source, own)?.refuse()
    })
  }

  function next(): Waiting | undefined {
    turns++
    const order = turns % LAST_FIRST === 0 ? lastToFirst : firstToLast
    return order.find(({ size }) => size > 0)?.shift()
  }

  async function inTurn<T>(turn: HashTurn, run: () => Promise<T>): Promise<T> {
    if (running < concurrency) running++
    else await itsTurn(turn)
    try {
      return await run()
    } finally {
      // The next one takes over this place, so `running` stays the same.
      const following = next()
      if (following === undefined) running--
      else following.begin()
    }
  }

  return {
    hash: (password, turn) => inTurn(turn, () => Bun.password.hash(password, argon2id)),
    async verify(password, hash, turn) {
      const same = await inTurn(turn, async () => Bun.password.verify(password, hash ?? (await decoy)))
      return same && hash !== null
    },
  }
}

function busy(): ChatError {
  return new ChatError('overloaded', 'The server is busy, try again', { retryAfterMs: 2000 })
}

interface Waiting {
  begin(): void
  refuse(): void
}
