import { ChatError } from './errors.ts'
import type { Limiter } from './ports.ts'
import { usernameKey } from './text.ts'

/**
 * Lets a guess at an account's password be judged, where the account and the client's address have one left. Only wrong
 * ones count: what is right, or could not be judged, is given back.
 * @param judge null where it is wrong
 * @throws ChatError `rate_limited`, and what `judge` throws
 */
export async function judgeGuess<T>(
  limiter: Limiter,
  username: string,
  address: string,
  judge: () => Promise<T | null>,
): Promise<T | null> {
  // Texts that are too long to be a name count as one: nobody has them.
  const account = usernameKey(username) ?? ''
  await takeGuess(limiter, account, address)
  const giveBack = async () => {
    await Promise.all([
      limiter.giveBack('login_account', account),
      limiter.giveBack('login_address', address),
    ])
  }
  const found = await judge().catch(async (error: unknown) => {
    await giveBack()
    throw error
  })
  if (found !== null) await giveBack()
  return found
}

/** Of the address and of the account, both or none. */
async function takeGuess(limiter: Limiter, account: string, address: string): Promise<void> {
  const refused = (retryAfterMs: number) =>
    new ChatError('rate_limited', 'Too many attempts, try again later', { retryAfterMs })
  const ofAddress = await limiter.take('login_address', address)
  if (ofAddress.waitMs > 0) throw refused(ofAddress.waitMs)
  const ofAccount = await limiter.take('login_account', account)
  if (ofAccount.waitMs > 0) {
    await limiter.giveBack('login_address', address)
    throw refused(ofAccount.waitMs)
  }
}
