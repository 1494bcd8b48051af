import { ChatError } from '../errors.ts'
import type { UserRef } from '../model.ts'
import type { SendBudget } from '../ports.ts'

/** Takes one message, or what costs as much, from the user's budget. @returns why there was none, or null */
export function spend(budget: SendBudget, user: UserRef): ChatError | null {
  const retryAfterMs = budget.take(user.id)
  if (retryAfterMs === 0) return null
  return new ChatError('rate_limited', 'Too many messages, try again later', { retryAfterMs })
}
