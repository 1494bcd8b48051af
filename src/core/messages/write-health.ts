import { ChatError } from '../errors.ts'
import type { Clock, MessageLog } from '../ports.ts'

/** After which a failure counts no more, in milliseconds: a balancer that sends nobody here would never see that it is over. */
const FORGOTTEN_MS = 5000

/** A database may answer and yet take nothing, as with a full disk: how the last batch fared tells. */
export function watchWrites<Log extends Pick<MessageLog, 'append'>>(
  log: Log,
  clock: Pick<Clock, 'ticks'>,
): { readonly log: Log; readonly failing: boolean } {
  let failedAt: number | null = null
  return {
    log: {
      ...log,
      async append(lane, batch) {
        try {
          const result = await log.append(lane, batch)
          failedAt = null
          return result
        } catch (error) {
          if (error instanceof ChatError && error.kind === 'unavailable') failedAt = clock.ticks()
          throw error
        }
      },
    },
    /** Whether the last batch failed, a moment ago, since the database was away or took nothing. */
    get failing() {
      return failedAt !== null && clock.ticks() - failedAt < FORGOTTEN_MS
    },
  }
}
