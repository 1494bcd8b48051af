/* One client of a talk. It connects, sends, disconnects, comes back, and knows in the end what it lacks. */
import { check } from 'k6'
import type { Trend } from 'k6/metrics'
import { bodyOf, readBody } from '../body.ts'
import { sockets } from '../contracts/index.ts'
import { createLedger, type Ledger } from '../ledger.ts'
import type { Seat } from '../plan.ts'
import * as figures from './figures.ts'
import { type Line, type Listener, openLine } from './line.ts'
import { wait, waitUntil } from './wait.ts'

/** In milliseconds since the epoch. */
export interface Times {
  readonly connect: number
  readonly begin: number
  /** When everything has been sent. */
  readonly end: number
  /** What has not arrived by this time counts as lost. */
  readonly giveUp: number
}

/** Resolves when the client has left for good. */
export async function attend(seat: Seat, times: Times): Promise<void> {
  const tags = { kind: seat.kind }
  const ledger = createLedger(sockets[seat.contract].numbers, seat.said)
  const listener = listenerOf(seat, ledger)

  async function come(time: Trend, after: number | null): Promise<Line> {
    const from = Date.now()
    const line = openLine(seat, after, listener)
    await line.live
    time.add(Date.now() - from, tags)
    return line
  }

  async function speak(): Promise<void> {
    for (let ordinal = 1; ordinal <= seat.sends; ordinal++) {
      await waitUntil(times.begin + seat.firstMs + (ordinal - 1) * seat.everyMs)
      const said = { sender: String(seat.user.id), ordinal, at: Date.now() }
      line.say(bodyOf(said), `${times.begin}-${seat.room.id}-${ordinal}`)
      figures.sent.add(1, tags)
    }
  }

  async function beAway(): Promise<void> {
    for (const { from, until } of seat.absences) {
      await waitUntil(times.begin + from)
      line.close()
      await line.closed
      await waitUntil(times.begin + until)
      line = await come(figures.returnMs, ledger.last() ?? 0)
    }
  }

  await waitUntil(times.connect)
  let line = await come(figures.connectMs, null)
  check(times, { 'connected before the talk begins': ({ begin }) => Date.now() < begin })
  await Promise.all([speak(), beAway()])

  await waitUntil(times.end + LINGER_MS)
  while (!ledger.complete() && line.isOpen() && Date.now() < times.giveUp) await wait(POLL_MS)
  check(line, { 'still connected at the end': (last) => last.isOpen() })
  line.close()
  await line.closed

  const { heard, lost, repeated, foreign } = ledger.account()
  figures.deliveries.add(heard, tags)
  figures.lost.add(lost, tags)
  figures.repeated.add(repeated, tags)
  figures.foreign.add(foreign, tags)
  figures.finished.add(1, tags)
}

/** Time in which a message that was sent once might still arrive twice. */
const LINGER_MS = 1000
const POLL_MS = 100

function listenerOf({ kind, contract, user }: Seat, ledger: Ledger): Listener {
  const tags = { kind }
  return {
    heard(events, live) {
      const now = Date.now()
      for (const { number, body } of events) {
        ledger.count(number)
        const said = body === null ? null : readBody(body)
        if (said === null) continue
        ledger.hear(said.sender, said.ordinal)
        if (live) figures.deliveryMs.add(now - said.at, tags)
        else figures.caughtUp.add(1, tags)
      }
    },
    refused(why) {
      figures.refused.add(1, tags)
      console.error(`${contract}, user ${user.id}: ${why}`)
    },
  }
}
