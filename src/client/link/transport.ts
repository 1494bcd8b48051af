/**
 * How the client is connected: by a WebSocket, by server-sent events over HTTP, or by long polls. What it sends goes over REST on the
 * latter two.
 */
export type Transport = 'socket' | 'events' | 'poll'

/** From the best to the one that gets through everywhere. */
export const TRANSPORTS: readonly Transport[] = ['socket', 'events', 'poll']

export interface Ending {
  /** Whether the server had said anything. */
  readonly greeted: boolean
  /** Milliseconds for which the connection was usable; 0 if it never was. */
  readonly lastedMs: number
}

/** A connection that lasted for so long works. Milliseconds. */
export const STEADY_MS = 10_000
/** How many connections in a row may be cut soon after they began, or fail without a word, before another transport is tried. */
const STRIKES = 3

/** Chooses among the transports that are allowed: the best one that works. */
export function createChoice(allowed: readonly Transport[]) {
  let at = 0
  let strikes = 0

  function next(): void {
    strikes = 0
    at = (at + 1) % allowed.length
  }

  return {
    current: (): Transport => allowed[at] ?? 'socket',

    /** What is better than the present one, the best first. */
    better: (): readonly Transport[] => allowed.slice(0, at),

    take(transport: Transport): void {
      strikes = 0
      at = Math.max(0, allowed.indexOf(transport))
    },

    /** The server is there, and yet this transport does not get through. */
    blocked(transport: Transport): void {
      if (transport === allowed[at]) next()
    },

    /** A connection has ended, though the server did not send the client away. */
    ended(transport: Transport, { greeted, lastedMs }: Ending): void {
      if (transport !== allowed[at]) return
      if (lastedMs >= STEADY_MS) strikes = 0
      // A socket that fails without a word is looked into by a request: the server itself may be away.
      else if ((greeted || transport !== 'socket') && ++strikes >= STRIKES) next()
    },
  }
}

export type Choice = ReturnType<typeof createChoice>
