import { backoff } from '../backoff.ts'
import type { Batch } from '../batch.ts'
import type { Environment, SocketConstructor } from '../environment.ts'
import { disconnected, ParleyError } from '../errors.ts'
import {
  type ClientFrame,
  type HelloFrame,
  isIdentified,
  type ResultData,
  type ServerFrame,
  type UserRef,
} from '../wire.ts'
import { type Stopped, stopReason } from './close-codes.ts'
import { type Closing, type Connection, openConnection } from './connection.ts'
import { watchObstacles } from './obstacle.ts'
import { keepFresh } from './refresh.ts'
import type { Outcome } from './requests.ts'
import type { TokenSource } from './token.ts'
import { createWaiting, settle } from './waiting.ts'

export type LinkState =
  | { readonly phase: 'offline' | 'connecting' }
  | { readonly phase: 'ready'; readonly user: UserRef }
  | { readonly phase: 'stopped'; readonly stopped: Stopped }

export interface Line {
  /** Sends at once, or fails with `disconnected`. */
  ask(frame: ClientFrame, answer: (outcome: Outcome) => void): void
  /** Sends without expecting a response; drops the frame if there is no connection. */
  tell(frame: ClientFrame): void
  /** Sends once there is a connection; waits for one as long as for a response. */
  request(frame: ClientFrame): Promise<ResultData>
}

/** After a connection that lasted this many milliseconds, the backoff starts again. */
const STEADY_MS = 10_000
/** How many tokens in a row the server may refuse before the client stops. */
const REFUSALS = 3

export interface LinkOptions {
  readonly url: string
  readonly token: TokenSource
  readonly timeoutMs: number
  /** Surrounds the frames that came together. */
  readonly batch: Batch
  /** Asks the socket's address by a plain request. */
  readonly ask: () => Promise<unknown>
}

export interface LinkEvents {
  state(state: LinkState): void
  frame(frame: ServerFrame): void
  greeted(hello: HelloFrame): void
  /** What keeps sockets from opening; null once one has. */
  obstacle(obstacle: ParleyError | null): void
}

/** Keeps one connection open, and reopens it whenever it is lost. */
export function createLink(options: LinkOptions, env: Environment, on: LinkEvents) {
  const { url, token, timeoutMs, batch, ask } = options
  const { clock, log, random, WebSocket } = env
  const waiting = createWaiting(clock, timeoutMs)
  const obstacles = watchObstacles(ask, on.obstacle)
  let state: LinkState = { phase: 'offline' }
  let connection: Connection | null = null
  let cancelRetry: () => void = () => undefined
  /** Makes a postponed attempt, as soon as the delay of the server permits it. */
  let hurry: () => void = () => undefined
  /** Counts attempts, so that a late token is not used by the next attempt. */
  let attempts = 0
  let failures = 0
  let refusals = 0
  let refusedToken: string | null = null

  function become(next: LinkState): void {
    state = next
    on.state(next)
  }

  function stop(reason: Stopped['reason'], code: number | null, message: string): void {
    leave({ phase: 'stopped', stopped: { reason, code, message } })
  }

  function leave(next: LinkState): void {
    cancelRetry()
    hurry = () => undefined
    attempts++
    const left = connection
    connection = null
    become(next)
    left?.close()
    obstacles.clear()
    waiting.fail(new ParleyError('stopped', 'The client does not connect'))
  }

  /** Postpones the next attempt: for as long as the server asked, and then for a pause that may be cut short. */
  function retry(atLeastMs: number, pauseMs: number): void {
    const earliest = clock.ticks() + atLeastMs
    const attemptIn = (ms: number) => {
      cancelRetry()
      cancelRetry = clock.after(ms, () => void attempt())
    }
    attemptIn(atLeastMs + pauseMs)
    hurry = () => {
      const leftMs = earliest - clock.ticks()
      if (leftMs > 0) attemptIn(leftMs)
      else void attempt()
    }
    // At the end, because a listener may connect at once.
    become({ phase: 'offline' })
  }

  function retryLater(atLeastMs = 0): void {
    retry(atLeastMs, backoff(failures++, random))
  }

  async function attempt(): Promise<void> {
    if (WebSocket === null) {
      log('warn', 'This engine has no WebSocket, and none was given: the client stays offline')
      return
    }
    cancelRetry()
    hurry = () => undefined
    const mine = ++attempts
    become({ phase: 'connecting' })
    const given = await token.get().catch((error: unknown) => {
      log('warn', 'There is no token', { error })
      return error instanceof ParleyError ? error : disconnected('There is no token')
    })
    if (mine !== attempts) return
    if (typeof given === 'string' && given !== refusedToken) openOrStop(given, WebSocket)
    else if (typeof given === 'string') stop('unauthenticated', null, 'The server has refused this token')
    else if (isFinal(given)) stop('unauthenticated', null, given.message)
    else retryLater(given.retryAfterMs)
  }

  function openOrStop(text: string, Socket: SocketConstructor): void {
    try {
      open(text, Socket)
    } catch (error) {
      // The engine forbids it: for instance, a page loaded over https must not open an unencrypted socket.
      stop('refused', null, String(error))
    }
  }

  function open(text: string, Socket: SocketConstructor): void {
    let readyAt = Number.POSITIVE_INFINITY
    let awayMs: number | null = null
    let stopRefreshing: () => void = () => undefined
    const opened = openConnection({ url, token: text, timeoutMs, WebSocket: Socket, batch }, env, {
      identified({ user, expires_in_ms }, hello) {
        on.greeted(hello)
        obstacles.clear()
        readyAt = clock.ticks()
        refusals = 0
        if (!token.fixed) stopRefreshing = keepFresh(expires_in_ms, clock, () => refresh(opened))
        become({ phase: 'ready', user })
        waiting.flush(opened.ask)
      },
      frame(frame) {
        if (frame.type === 'going_away') awayMs = frame.reconnect_after_ms
        on.frame(frame)
      },
      closed(closing) {
        stopRefreshing()
        if (connection !== opened) return
        connection = null
        log('info', 'The connection has ended', { code: closing.code, reason: closing.reason })
        if (clock.ticks() - readyAt >= STEADY_MS) failures = 0
        if (!closing.greeted) obstacles.failed()
        if (awayMs === null) ended(closing, text)
        else retry(awayMs, 0)
      },
    })
    connection = opened
  }

  function ended({ code, reason, greeted, refusal }: Closing, text: string): void {
    const why = refusal && isFinal(refusal) ? 'unauthenticated' : greeted ? stopReason(code) : null
    if (why === null) {
      retryLater(refusal?.retryAfterMs)
      return
    }
    const message = refusal?.message ?? reason
    if (why === 'refused' || token.fixed || ++refusals >= REFUSALS) {
      stop(why, refusal ? null : code, message)
      return
    }
    refusedToken = text
    retryLater()
  }

  /** Renews the token of the connection. Resolves to the milliseconds for which the new one is valid, or null if that failed. */
  async function refresh(current: Connection): Promise<number | null> {
    try {
      const fresh = await token.get()
      const data = await new Promise<ResultData>((resolve, reject) =>
        current.ask({ type: 'auth', token: fresh }, settle(resolve, reject)),
      )
      return isIdentified(data) ? data.expires_in_ms : null
    } catch (error) {
      log('warn', 'The token could not be refreshed', { error })
      return null
    }
  }

  const line: Line = {
    ask(frame, answer) {
      if (connection && state.phase === 'ready') connection.ask(frame, answer)
      else answer(disconnected())
    },
    tell(frame) {
      if (state.phase === 'ready') connection?.tell(frame)
    },
    request(frame) {
      if (state.phase === 'stopped') {
        return Promise.reject(new ParleyError('stopped', 'The client does not connect'))
      }
      if (state.phase !== 'ready') return waiting.add(frame)
      return new Promise((resolve, reject) => line.ask(frame, settle(resolve, reject)))
    },
  }

  return {
    line,
    state: () => state,
    /** Connects now, whatever the present state is. */
    connect(): void {
      if (connection !== null || state.phase === 'connecting') return
      failures = 0
      refusals = 0
      refusedToken = null
      void attempt()
    },
    /** Closes the connection, and opens no other until `connect`. */
    disconnect: () => leave({ phase: 'offline' }),
    stop: (message: string) => stop('closed', null, message),
    /** Checks whether the connection is still alive. */
    probe: () => connection?.probe(),
    /** Makes a postponed attempt at once, because it may succeed now, but not before the delay of the server has passed. */
    hurry: () => hurry(),
  }
}

/** Whether the token is at fault, so that no attempt with the same one can succeed. */
function isFinal({ code }: ParleyError): boolean {
  return code === 'unauthenticated' || code === 'forbidden' || code === 'invalid'
}
