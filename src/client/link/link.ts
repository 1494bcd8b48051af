import { backoff } from '../backoff.ts'
import type { Environment } from '../environment.ts'
import { disconnected, ParleyError } from '../errors.ts'
import { isFinal, type Stopped, stopReason } from './close-codes.ts'
import type { Closing, Connection } from './connection.ts'
import { watchObstacles } from './obstacle.ts'
import { keepFresh, refreshToken } from './refresh.ts'
import { createChoice, STEADY_MS, type Transport } from './transport.ts'
import type { Line, LinkEvents, LinkOptions, LinkState, OpenConnection } from './types.ts'
import { createUpgrades } from './upgrades.ts'
import { createWaiting, settle } from './waiting.ts'

/** How many tokens in a row the server may refuse before the client stops. */
const REFUSALS = 3

/** Keeps one connection open, and reopens it whenever it is lost. */
export function createLink(options: LinkOptions, env: Environment, on: LinkEvents) {
  const { token, timeoutMs } = options
  const { clock, log, random } = env
  const waiting = createWaiting(clock, timeoutMs)
  const choice = createChoice(options.transports)
  const obstacles = watchObstacles(ask, on.obstacle)
  const upgrades = createUpgrades(env, tryOut)
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

  /** The server answers a plain request as a Parley does, so it is the transport that does not get through. */
  async function ask(): Promise<unknown> {
    try {
      return await options.ask()
    } catch (error) {
      if (error instanceof ParleyError && error.code === 'invalid') {
        choice.blocked('socket')
        if (options.transports.length > 1 && connection === null) hurry()
      }
      throw error
    }
  }

  function become(next: LinkState): void {
    state = next
    on.state(next)
  }

  function stop(reason: Stopped['reason'], code: number | null, message: string): void {
    leave({ phase: 'stopped', stopped: { reason, code, message } })
  }

  function leave(next: LinkState): void {
    cancelRetry()
    upgrades.stop()
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
    const { open } = options
    if (open === null) {
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
    if (typeof given === 'string' && given !== refusedToken) openOrStop(given, open)
    else if (typeof given === 'string') stop('unauthenticated', null, 'The server has refused this token')
    else if (isFinal(given)) stop('unauthenticated', null, given.message)
    else retryLater(given.retryAfterMs)
  }

  function openOrStop(text: string, open: OpenConnection): void {
    try {
      connection = follow(choice.current(), text, open, () => undefined)
    } catch (error) {
      // The engine forbids it: for instance, a page loaded over https must not open an unencrypted socket.
      stop('refused', null, String(error))
    }
  }

  /** Opens a connection over a better transport beside the present one, which it replaces once the server has greeted it. */
  function tryOut(transport: Transport, failed: () => void): () => void {
    const mine = attempts
    let tried: Connection | null = null
    token
      .get()
      .then((text) => {
        if (mine !== attempts || options.open === null) return
        tried = follow(transport, text, options.open, failed)
      })
      .catch(failed)
    return () => {
      if (tried !== null && tried !== connection) tried.close()
    }
  }

  /** @param failed called if the connection has ended before it was that of the link */
  function follow(transport: Transport, text: string, open: OpenConnection, failed: () => void): Connection {
    const began = clock.ticks()
    let readyAt = Number.POSITIVE_INFINITY
    let awayMs: number | null = null
    let stopRefreshing: () => void = () => undefined
    const opened = open(transport, text, {
      identified({ user, expires_in_ms }, hello) {
        if (connection !== opened) replace(opened, transport)
        on.greeted(hello)
        obstacles.clear()
        readyAt = clock.ticks()
        refusals = 0
        if (!token.fixed)
          stopRefreshing = keepFresh(expires_in_ms, clock, () => refreshToken(opened.ask, token, log))
        upgrades.start(choice.better())
        become({ phase: 'ready', user, transport })
        waiting.flush(opened.ask)
      },
      frame(frame) {
        if (connection !== opened) return
        if (frame.type === 'going_away') awayMs = frame.reconnect_after_ms
        on.frame(frame)
      },
      closed(closing) {
        stopRefreshing()
        if (connection !== opened) return failed()
        connection = null
        upgrades.stop()
        const { code, reason, greeted } = closing
        log('info', 'The connection has ended', { transport, code, reason })
        const lastedMs = Math.max(0, clock.ticks() - readyAt)
        if (lastedMs >= STEADY_MS) failures = 0
        if (awayMs === null) choice.ended(transport, { greeted, lastedMs })
        if (!greeted && transport === 'socket') obstacles.failed(clock.ticks() - began >= timeoutMs)
        if (awayMs === null) ended(closing, text)
        else retry(awayMs, 0)
      },
    })
    return opened
  }

  /** Rooms go on over the new connection after what they have, so there is neither a gap nor a duplicate. */
  function replace(opened: Connection, transport: Transport): void {
    const left = connection
    connection = opened
    choice.take(transport)
    log('info', 'A better connection is there', { transport })
    become({ phase: 'connecting' })
    left?.close()
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
