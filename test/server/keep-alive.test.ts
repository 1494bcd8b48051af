import { expect, test } from 'bun:test'
import { type Kept, keepAliveSteps } from '../../src/server/sockets/keep-alive.ts'
import { endedSession } from '../../src/server/sockets/session.ts'

const STEP = 20
const options = { pingMs: 25_000, pongDeadlineMs: 60_000, heartbeatMs: 20_000 }

test('sockets that came at once have their beats spread, each in time', () => {
  const rig = new Rig(4000)
  rig.run(100_000)
  expect(rig.mostInAStep).toBeLessThanOrEqual(30)
  for (const beats of rig.beats.values()) {
    // At the latest 20 s after it came, then after at most 20 s each time, and not much sooner.
    const pauses = beats.map((at, n) => at - (beats[n - 1] ?? 0))
    expect(Math.max(...pauses)).toBeLessThanOrEqual(options.heartbeatMs)
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(15_000)
  }
})

test('sockets that come and go meanwhile are looked at all the same', () => {
  const rig = new Rig(100)
  rig.run(7000)
  const late = rig.add()
  for (const one of [...rig.all()].slice(0, 50)) rig.remove(one)
  rig.run(20_000)
  expect(rig.beats.get(late)?.length).toBe(1)
  rig.removeAll()
  rig.run(20_000)
  const last = rig.add()
  rig.run(20_000)
  expect(rig.beats.get(last)?.length).toBe(1)
})

test('a silent peer is pinged, then cut; one whose session has expired is closed', () => {
  const rig = new Rig(2)
  const [silent, expiring] = [...rig.all()]
  if (silent === undefined || expiring === undefined) throw new Error('there are two')
  expiring.expiresAt = 10_000
  rig.run(40_000)
  expect(rig.pinged.has(silent)).toBe(true)
  expect([rig.cut.has(silent), rig.closed.has(expiring)]).toEqual([false, true])
  rig.run(25_000)
  expect([rig.cut.has(silent), rig.cut.has(expiring)]).toEqual([true, false])
})

test('a stall of the process does not count as silence', () => {
  const rig = new Rig(10)
  rig.run(20_000)
  rig.stall(70_000)
  rig.run(10_000)
  expect(rig.cut.size).toBe(0)
})

/** Sockets that never say anything, and a clock. */
class Rig {
  readonly beats = new Map<Kept, number[]>()
  readonly pinged = new Set<Kept>()
  readonly closed = new Set<Kept>()
  readonly cut = new Set<Kept>()
  mostInAStep = 0
  readonly #open = new Set<Kept>()
  #inStep = 0
  #now = 0
  readonly #step: (now: number) => void

  constructor(count: number) {
    for (let i = 0; i < count; i++) this.add()
    const sockets = this.#open
    this.#step = keepAliveSteps(
      {
        all: () => sockets,
        get size() {
          return sockets.size
        },
      },
      options,
      0,
    )
  }

  all(): ReadonlySet<Kept> {
    return this.#open
  }

  add(): Kept {
    const beats: number[] = []
    const kept: Kept = {
      lastHeard: this.#now,
      lastBeat: this.#now,
      expiresAt: Number.POSITIVE_INFINITY,
      session: {
        ...endedSession,
        beat: () => {
          beats.push(this.#now)
          this.#inStep++
        },
      },
      ping: () => this.pinged.add(kept),
      close: () => this.closed.add(kept),
      terminate: () => this.cut.add(kept),
    }
    this.beats.set(kept, beats)
    this.#open.add(kept)
    return kept
  }

  remove(kept: Kept): void {
    this.#open.delete(kept)
  }

  removeAll(): void {
    this.#open.clear()
  }

  /** Time passes in steps. */
  run(ms: number): void {
    for (const end = this.#now + ms; this.#now < end; ) {
      this.#now += STEP
      this.#inStep = 0
      this.#step(this.#now)
      this.mostInAStep = Math.max(this.mostInAStep, this.#inStep)
    }
  }

  /** Time passes in one step. */
  stall(ms: number): void {
    this.#now += ms
    this.#step(this.#now)
  }
}
