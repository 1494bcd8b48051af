import { createHttp } from '../api/index.ts'
import type { Batch } from '../batch.ts'
import type { Environment } from '../environment.ts'
import { badAnswer, disconnected, ParleyError, refusalOf } from '../errors.ts'
import type { Connection, ConnectionEvents } from '../link/connection.ts'
import { type Liveness, watchLiveness } from '../link/liveness.ts'
import { createRequests, type Outcome } from '../link/requests.ts'
import {
  type ClientFrame,
  type HelloFrame,
  isMemberships,
  isPrivateState,
  isSubscribed,
  type ServerFrame,
} from '../wire.ts'
import { createFollowing } from './following.ts'
import { requestOverRest } from './rest-requests.ts'
import { readPoll, readStream, type StreamEnd } from './stream-reader.ts'

export interface StreamGiven {
  readonly base: string
  readonly token: string
  readonly timeoutMs: number
  readonly batch: Batch
  readonly transport: 'events' | 'poll'
}

/** Seconds for which a poll waits: what is of the moment, and was told between two polls, comes with the next state. */
const WAIT_SECONDS = 15
/** The shortest time from one poll to the next, in milliseconds: what happens meanwhile comes together. */
const POLL_PAUSE_MS = 500

/**
 * A connection whose frames come by one stream, or poll, after the other. The client keeps the positions of its rooms, so each begins
 * where the one before has ended, and another one is opened for a further room.
 */
export function openStream(given: StreamGiven, env: Environment, on: ConnectionEvents): Connection {
  const { base, timeoutMs, batch, transport } = given
  const { clock, fetch } = env
  const requests = createRequests(clock, timeoutMs)
  const rooms = createFollowing()
  let { token } = given
  const http = createHttp({ base, timeoutMs, token: () => Promise.resolve(token) }, { fetch, clock })
  const read = transport === 'events' ? readStream : readPoll
  let hello: HelloFrame | null = null
  let liveness: Liveness | null = null
  let refusal: ParleyError | null = null
  let isOver = false
  let current: AbortController | null = null
  /** What the present stream told of the history, and the same once all positions are known to be of it. */
  let told: string | undefined
  let held: string | undefined
  /** Up to where the user's memberships are known; null if nobody has asked. */
  let memberships: number | null = null
  /** The same for what the user keeps privately. */
  let privately: number | null = null
  /** Hears that the server has taken another token. */
  let renewed: ((outcome: Outcome) => void) | null = null
  /** Another stream is to be opened. */
  let isStale = false
  /** Rooms that the present stream has yet to serve. */
  let serving = 0
  const cancelWait = clock.after(timeoutMs, () => end(1006, 'no greeting in time'))
  let cancelPause: () => void = () => undefined

  /** Opens the next stream once those who ask in this turn have, and all rooms of the present one are served. */
  function renew(): void {
    if (isStale) return
    isStale = true
    queueMicrotask(renewIfServed)
  }

  function renewIfServed(): void {
    if (isStale && !isOver && (hello === null || serving === 0)) open()
  }

  function open(): void {
    isStale = false
    cancelPause()
    current?.abort()
    const controller = new AbortController()
    current = controller
    serving = rooms.unserved()
    const isAtOnce = hello === null || serving > 0 || renewed !== null
    const wait = isAtOnce ? 0 : WAIT_SECONDS
    const body = {
      ...rooms.wanted(held),
      ...(memberships === null ? {} : { memberships }),
      ...(privately === null ? {} : { private: privately }),
      ...(transport === 'events' ? { batch: true } : { wait }),
    }
    if (transport === 'poll')
      cancelPause = clock.after(wait * 1000 + timeoutMs, () => end(1006, 'no answer to a poll'))
    const began = clock.ticks()
    const asked = { url: `${base}/api/v2/${transport}`, token, body, signal: controller.signal }
    read(asked, env, batch, receive).then(
      (ending) => {
        if (current === controller) over(ending, began)
      },
      (error: unknown) => {
        if (current === controller) refused(error)
      },
    )
  }

  /** A stream that ends is the end of the connection, and a poll is followed by the next one. */
  function over({ code, reason }: StreamEnd, began: number): void {
    if (isOver) return
    if (transport === 'events' || code !== 1000) {
      end(code, reason)
      return
    }
    serving = 0
    cancelPause()
    const pauseMs = isStale ? 0 : Math.max(0, began + POLL_PAUSE_MS - clock.ticks())
    cancelPause = clock.after(pauseMs, open)
  }

  function refused(error: unknown): void {
    refusal = error instanceof ParleyError ? error : badAnswer()
    end(1006, refusal.message)
  }

  function receive(frame: ServerFrame): void {
    if (isOver) return
    liveness?.heard()
    if (frame.type === 'hello') greet(frame)
    else if (frame.type === 'result' || frame.type === 'error') serve(frame)
    else if (frame.type === 'membership') {
      if (frame.user_seq === (memberships ?? 0) + 1) memberships = frame.user_seq
      on.frame(frame)
    } else if (frame.type === 'heartbeat') {
      if (serving === 0) held = frame.epoch ?? held
      on.frame(frame)
    } else if (!('room' in frame)) {
      if (frame.type === 'private') privately = frame.head
      on.frame(frame)
    } else if (rooms.has(frame.room)) {
      rooms.heard(frame)
      if (frame.type === 'unsubscribed') rooms.drop(frame.room)
      on.frame(frame)
    }
    settle()
  }

  function greet(frame: HelloFrame): void {
    const { identified } = frame
    told = frame.epoch
    if (identified === null) {
      end(1006, 'not identified')
      return
    }
    renewed?.(identified)
    renewed = null
    if (hello === null) {
      hello = frame
      cancelWait()
      if (transport === 'events') {
        liveness = watchLiveness(clock, frame.heartbeat_ms, renew, () => end(1006, 'nothing heard'))
      }
      held = told
      on.identified(identified, frame)
    }
  }

  /** The server's answer to a subscription, whose id is the room's. */
  function serve(frame: Extract<ServerFrame, { type: 'result' | 'error' }>): void {
    const room = Number(frame.id)
    if (!rooms.has(room)) return
    if (frame.type === 'error') {
      const { message, id, ...facts } = frame
      const isNew = rooms.answer(room, refusalOf(message, facts), null)
      rooms.drop(room)
      if (isNew) serving--
      else on.frame({ type: 'unsubscribed', room, reason: frame.retryable ? 'try_again' : 'left' })
    } else if (isSubscribed(frame.data)) {
      const isAnew = frame.data.mode === 'snapshot'
      if (rooms.answer(room, frame.data, isAnew ? frame.data.head : null)) serving--
      // The rooms begin anew, each by a request of its own.
      else if (isAnew) end(1006, 'the stream could not be continued')
    }
  }

  /** Once all rooms are served, what the stream told of the history counts, and the next stream may be opened. */
  function settle(): void {
    if (isOver || serving > 0) return
    if (told !== undefined && told !== held) {
      held = told
      on.frame({ type: 'heartbeat', heads: {}, epoch: told })
    }
    told = undefined
    renewIfServed()
  }

  /** The present stream tells nothing of it if nobody had asked before. */
  function followPrivate(head: number): void {
    if (privately === null) renew()
    privately = head
  }

  function ask(frame: ClientFrame, answer: (outcome: Outcome) => void): void {
    const id = isOver ? null : requests.add(answer)
    if (isOver) answer(disconnected())
    if (id === null) return
    const done = (outcome: Outcome) => requests.settle(id, outcome)
    if (frame.type === 'subscribe') {
      rooms.add(frame, done)
      renew()
    } else if (frame.type === 'auth') {
      token = frame.token
      renewed = done
      renew()
    } else if (frame.type === 'unsubscribe') {
      rooms.drop(frame.room)
      done({})
    } else {
      requestOverRest(http, frame).then(
        (data) => {
          if (isMemberships(data)) memberships = data.head
          if (isPrivateState(data)) followPrivate(data.head)
          done(data)
        },
        (error: unknown) => {
          done(error instanceof ParleyError ? error : badAnswer())
          if (error instanceof ParleyError && error.code === 'disconnected') end(1006, error.message)
        },
      )
    }
  }

  function end(code: number, reason: string): void {
    if (isOver) return
    isOver = true
    cancelWait()
    cancelPause()
    liveness?.stop()
    current?.abort()
    on.closed({ code, reason, greeted: hello !== null, refusal })
    requests.failAll(disconnected('The connection was lost'))
  }

  open()
  return {
    ask,
    tell: (frame) => ask(frame, () => undefined),
    probe: () => liveness?.probe(),
    close: () => end(1000, 'left'),
  }
}
