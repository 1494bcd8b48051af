import { ChatError } from '../errors.ts'
import type { Limiter, LimitScope } from '../ports.ts'

/** What a guess is counted by: a limit, and the key in it. */
export type GuessCount = readonly [scope: LimitScope, key: string]

/**
 * Judges a guess at an account's password, if each of the counts has one left. Only wrong guesses count: for a right one, and one that
 * could not be judged, the counts are given back.
 * @param judge resolves to null if the guess is wrong
 * @throws ChatError `rate_limited`, and what `judge` throws
 */
export async function judgeGuess<T>(
  limiter: Limiter,
  counts: readonly GuessCount[],
  judge: () => Promise<T | null>,
): Promise<T | null> {
  await takeAll(limiter, counts)
  const found = await judge().catch(async (error: unknown) => {
    await giveBack(limiter, counts)
    throw error
  })
  if (found !== null) await giveBack(limiter, counts)
  return found
}

/** Takes one of each count, or none. */
async function takeAll(limiter: Limiter, counts: readonly GuessCount[]): Promise<void> {
  for (const [index, [scope, key]] of counts.entries()) {
    const { waitMs } = await limiter.take(scope, key)
    if (waitMs === 0) continue
    await giveBack(limiter, counts.slice(0, index))
    throw tooMany(waitMs)
  }
}

export function tooMany(waitMs: number): ChatError {
  return new ChatError('rate_limited', 'Too many attempts, try again later', { retryAfterMs: waitMs })
}

async function giveBack(limiter: Limiter, counts: readonly GuessCount[]): Promise<void> {
  await Promise.all(counts.map(([scope, key]) => limiter.giveBack(scope, key)))
}
