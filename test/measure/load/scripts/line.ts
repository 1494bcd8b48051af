/* A client's connection, over any contract. */
import { WebSocket } from 'k6/websockets'
import { type Event, type Member, sockets } from '../contracts/index.ts'
import type { Seat } from '../plan.ts'

export interface Line {
  /** Resolves when the room is live. Rejects if the connection ends before. */
  readonly live: Promise<void>
  /** Resolves when either side has closed the connection. */
  readonly closed: Promise<void>
  isOpen(): boolean
  say(body: string, key: string): void
  close(): void
}

export interface Listener {
  /** In the order of arrival. `live` is false for messages that the client catches up with. */
  heard(events: readonly Event[], live: boolean): void
  refused(why: string): void
}

/** @param after as in the contract's greetings */
export function openLine(
  { contract, url, ...member }: Pick<Seat, 'contract' | 'url'> & Member,
  after: number | null,
  listener: Listener,
): Line {
  const speech = sockets[contract]
  const { path, headers } = speech.address(member)
  const socket = new WebSocket(url.replace(/^http/, 'ws') + path, null, { headers })
  let [isLive, isLeaving, isOver] = [false, false, false]
  let [goLive, endLive, endAll] = [ignored, ignored, ignored]
  const live = new Promise<void>((resolve, reject) => {
    goLive = () => {
      isLive = true
      resolve()
    }
    endLive = () => reject(new Error('the connection ended before the room was live'))
  })
  const closed = new Promise<void>((resolve) => {
    endAll = resolve
  })

  socket.onopen = () => {
    for (const greeting of speech.greetings(member, after)) socket.send(greeting)
    if (speech.liveAtOnce) goLive()
  }
  socket.onmessage = (event) => {
    if (typeof event?.data !== 'string') return
    const heard = speech.hear(event.data)
    if (heard.refused !== null) listener.refused(heard.refused)
    if (heard.events.length > 0) listener.heard(heard.events, isLive)
    if (heard.live) goLive()
  }
  socket.onerror = (event) => {
    // k6 reports an error if a ping comes that it can no longer answer.
    if (!isLeaving) listener.refused(event?.error ?? 'the connection failed')
  }
  socket.onclose = () => {
    isOver = true
    endLive()
    endAll()
  }

  return {
    live,
    closed,
    isOpen: () => !isOver,
    say: (body, key) => socket.send(speech.say(member, body, key)),
    close() {
      isLeaving = true
      socket.close()
    },
  }
}

function ignored(): void {
  // A placeholder: the promise sets its own functions at once.
}
