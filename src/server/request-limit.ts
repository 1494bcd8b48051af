import { ChatError, type SendBudget, type UserRef } from '../core/index.ts'

/** Takes one of a user's requests. @throws ChatError `rate_limited` */
export type TakeRequest = (user: UserRef) => void

/** Limits requests over sockets. Over HTTP, `identities` takes from the same budget when it identifies the caller. */
export function requestLimit(budget: Pick<SendBudget, 'take'>): TakeRequest {
  return ({ id }) => {
    const retryAfterMs = budget.take(id)
    if (retryAfterMs === 0) return
    throw new ChatError('rate_limited', 'Too many requests, try again later', { retryAfterMs })
  }
}
