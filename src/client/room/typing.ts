import type { RoomContext } from './context.ts'

/** The server shows somebody as typing for six seconds: said every three, it does not flicker. */
const REPEAT_MS = 3000
/** A user who has not typed for so long has stopped. */
const IDLE_MS = 4000

/** Tells the room that the user types, no more often than needed. */
export function createTyping({ id, env, line, state }: RoomContext) {
  const { clock } = env
  let isTyping = false
  let isTold = false
  let cancelRepeat: (() => void) | null = null
  let cancelIdle: () => void = () => undefined

  function tell(): void {
    // Only who hears the room may say so in it.
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
    /** A message was sent, which says as much. */
    sent(): void {
      cancelIdle()
      isTyping = false
      isTold = false
    },
  }
}
