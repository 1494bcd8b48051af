import { openPacedSocket } from '../server/support/paced-socket.ts'

export interface SlowSubscriber {
  /** The number up to which everything has been read; null before the server has replied. */
  readonly position: number | null
  /** How the subscription was served; known once the server has replied. */
  readonly mode: string | null
  readonly isLive: boolean
  /** The most characters in a frame so far. */
  readonly largest: number
  readonly isClosed: boolean
  /**
   * Reads about this many more bytes, or until the room is live, and then stops again. The rest fills the kernel's buffers, then the
   * server's.
   */
  take(bytes: number): Promise<void>
  cut(): void
}

/** A client of the v2 socket that has subscribed to a room, and reads only when told to. */
export async function openSlowSubscriber(url: string, room: number, after: number): Promise<SlowSubscriber> {
  let position: number | null = null
  let mode: string | null = null
  let isLive = false
  let largest = 0

  function receive(frame: Told): void {
    if (frame.type === 'result') {
      position = after
      mode = frame.data?.mode ?? null
    } else if (frame.type === 'changes') {
      if (frame.after !== position) throw new Error(`at ${position} came what follows ${frame.after}`)
      position = frame.to ?? null
    } else if (frame.type === 'live') {
      if (frame.seq !== position)
        throw new Error(`live at ${frame.seq}, but everything has come up to ${position}`)
      isLive = true
      socket.stop()
    }
  }

  const socket = await openPacedSocket(url, (text) => {
    largest = Math.max(largest, text.length)
    receive(JSON.parse(text))
  })
  socket.sendText(JSON.stringify({ type: 'subscribe', id: 1, room, after }))
  return {
    get position() {
      return position
    },
    get mode() {
      return mode
    },
    get isLive() {
      return isLive
    },
    get largest() {
      return largest
    },
    get isClosed() {
      return socket.isClosed()
    },
    take: socket.take,
    cut: socket.cut,
  }
}

/** The fields of a frame that the test reads. */
interface Told {
  readonly type: string
  readonly data?: { readonly mode?: string }
  readonly after?: number
  readonly to?: number
  readonly seq?: number
}
