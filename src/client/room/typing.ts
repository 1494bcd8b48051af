import type { RoomContext } from './context.ts'

/** The server shows a user as typing for six seconds. Sent every three, the state does not flicker. */
const REPEAT_MS = 3000
/** A user who has not typed for this many milliseconds has stopped. */
const IDLE_MS = 4000

/** Tells the room that the user types, no more often than needed. */
export function createTyping({ id, env, line, state }: RoomContext) {
  const { clock } = env
  let isTyping = false
  let isTold = false
  let cancelRepeat: (() => void) | null = null
  let cancelIdle: () => void = () => undefined

  function tell(): void {
    // Only subscribers of the room may send it.
    if (cancelRepeat !== null || !isTyping || state().phase !== 'live') return
    isTold = true
    line.tell({ type: 'typing', room: id, typing: true })
    cancelRepeat = clock.after(REPEAT_MS, () => {
      cancelRepeat = null
      tell()
    })
  }

  function stop(): void {
    cancelIdle()
    isTyping = false
    if (isTold && state().phase === 'live') line.tell({ type: 'typing', room: id, typing: false })
    isTold = false
  }

  return {
    set(typing: boolean): void {
      cancelIdle()
      isTyping = typing
      if (typing) {
        cancelIdle = clock.after(IDLE_MS, stop)
        tell()
      } else {
        stop()
      }
    },
    /** A message was sent, which ends typing for the server as well. */
    sent(): void {
      cancelIdle()
      isTyping = false
      isTold = false
    },
  }
}
