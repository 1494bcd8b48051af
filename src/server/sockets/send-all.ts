/** A client with fewer unsent bytes than this counts as keeping up. */
export const LOW_WATER = 65_536
/** The most frames in one write of a replay. A write has little more text than the low water mark, so it never fills a slow client's queue. */
const PIECE_FRAMES = 64

/** The part of a connection that sends many frames. */
export interface Outlet {
  /** Whether the client has more unsent bytes than that. */
  readonly isFull: boolean
  /** Resolves when the client has taken nearly all that it was sent, or is gone. */
  drained(): Promise<void>
  /** Sends frames in one write. @returns false if the client is gone */
  sendSome(run: (send: (text: string) => void) => void): boolean
}

/**
 * Sends many frames no faster than the client takes them, so that few bytes are buffered. Each frame is made only when it is sent,
 * since the thing may have changed by then. Stops if the client is gone.
 * @param frameOf returns null for a thing that is not shown
 * @param wanted asked before each write; false stops
 * @returns how many of the things were sent
 */
export async function sendAll<T>(
  outlet: Outlet,
  things: readonly T[],
  frameOf: (thing: T) => string | null,
  wanted: () => boolean,
): Promise<number> {
  let sent = 0
  while (sent < things.length) {
    if (outlet.isFull) {
      await outlet.drained()
      continue
    }
    if (!wanted()) return sent
    const isThere = outlet.sendSome((send) => {
      const end = Math.min(sent + PIECE_FRAMES, things.length)
      for (let text = 0; sent < end && text < LOW_WATER / 4; sent++) {
        const thing = things[sent]
        const frame = thing === undefined ? null : frameOf(thing)
        if (frame === null) continue
        send(frame)
        text += frame.length
      }
    })
    if (!isThere) return sent
  }
  await outlet.drained()
  return sent
}
