import { ChatError } from '../errors.ts'
import type { UserId } from '../model.ts'
import { NODE_UPLOADS, UPLOADS_AT_ONCE } from './bounds.ts'

/** Counts the uploads of this node that are under way. */
export class UploadsUnderWay {
  readonly #perUser = new Map<UserId, number>()
  #all = 0

  /** @returns what ends it, once @throws ChatError `rate_limited` for too many of the user, `overloaded` for too many in all */
  begin(user: UserId): () => void {
    const own = this.#perUser.get(user) ?? 0
    if (own >= UPLOADS_AT_ONCE) {
      throw new ChatError('rate_limited', `Only ${UPLOADS_AT_ONCE} uploads may be under way at once`, {
        retryAfterMs: 1000,
      })
    }
    if (this.#all >= NODE_UPLOADS) {
      throw new ChatError('overloaded', 'Too many uploads are under way, try again', { retryAfterMs: 1000 })
    }
    this.#perUser.set(user, own + 1)
    this.#all++
    return () => {
      this.#all--
      const left = (this.#perUser.get(user) ?? 1) - 1
      if (left === 0) this.#perUser.delete(user)
      else this.#perUser.set(user, left)
    }
  }
}
