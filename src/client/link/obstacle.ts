import { badAnswer, ParleyError } from '../errors.ts'

/** Attempts in a row without a word from the server; a single one fails whenever a server restarts. */
const ATTEMPTS = 2

/**
 * Finds out by a request why sockets do not open: engines tell a page nothing of it.
 * @param ask makes a request of the socket's own address without a handshake, which only a Parley refuses as invalid
 * @param tell hears what stands in the way, and null once nothing does
 */
export function watchObstacles(ask: () => Promise<unknown>, tell: (obstacle: ParleyError | null) => void) {
  let inVain = 0
  let told: ParleyError | null = null

  function change(obstacle: ParleyError | null): void {
    if (obstacle?.code === told?.code && obstacle?.message === told?.message) return
    told = obstacle
    tell(obstacle)
  }

  function clear(): void {
    inVain = 0
    change(null)
  }

  return {
    /** Nothing stands in the way, or nobody wants to know. */
    clear,
    /** An attempt has ended before the server said anything. @param hung whether it has waited for that in vain */
    failed(hung = false): void {
      inVain += hung ? ATTEMPTS : 1
      if (inVain < ATTEMPTS) return
      ask().then(
        () => inVain > 0 && change(badAnswer()),
        (error: unknown) => inVain > 0 && change(obstacleIn(error)),
      )
    },
  }
}

function obstacleIn(error: unknown): ParleyError {
  if (!(error instanceof ParleyError)) return badAnswer()
  if (error.code !== 'invalid') return error
  return new ParleyError(
    'no_upgrade',
    'The server answers, but sockets do not open: a proxy in front of it does not pass WebSocket upgrades on',
    { retryable: true },
  )
}
