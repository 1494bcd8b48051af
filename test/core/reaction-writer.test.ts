// Many reactions make few events: the writer over a log in memory, by a clock that only the test moves.
import { describe, expect, test } from 'bun:test'
import type {
  ReactionBounds,
  ReactionEvent,
  ReactionLog,
  ReactionsWritten,
  ReactionWanted,
  RoomEvent,
  RoomId,
  Seq,
} from '../../src/core/index.ts'
import { ChatError, ReactionWriter } from '../../src/core/index.ts'
import { FakeClock } from './fakes/clock.ts'
import { id, present, seq } from './fakes/values.ts'

const ROOM: RoomId = id(7)
const WINDOW = 125

/** Numbers what it is given, and keeps the distance that a database keeps. Knows nothing of members. */
class FakeLog implements ReactionLog {
  readonly batches: (readonly ReactionWanted[])[] = []
  readonly #clock: FakeClock
  readonly #told = new Map<string, number>()
  readonly heads = new Map<RoomId, number>()
  fails: Error | null = null
  /** Called before each answer. */
  meanwhile: () => Promise<void> | void = () => undefined

  constructor(clock: FakeClock) {
    this.#clock = clock
  }

  async react(
    room: RoomId,
    wanted: readonly ReactionWanted[],
    bounds: ReactionBounds,
  ): Promise<ReactionsWritten> {
    this.batches.push(wanted)
    const now = this.#clock.ticks()
    await this.meanwhile()
    if (this.fails !== null) throw this.fails
    const waits = new Map<Seq, number>()
    const events: ReactionEvent[] = []
    let head = this.heads.get(room) ?? 0
    for (const message of new Set(wanted.map((each) => each.message))) {
      const told = this.#told.get(`${room} ${message}`)
      if (told !== undefined && now < told + bounds.windowMs) waits.set(message, told + bounds.windowMs - now)
      else {
        this.#told.set(`${room} ${message}`, now)
        events.push({
          type: 'reaction',
          roomId: room,
          seq: seq(++head),
          message,
          reactions: [],
          changed: [],
          at: new Date(now),
        })
      }
    }
    this.heads.set(room, head)
    const verdicts = wanted.map(({ message }) => (waits.has(message) ? 'too_soon' : 'changed'))
    return { verdicts, events, waits, head: seq(head) }
  }

  /** As another node has it. */
  elsewhere(room: RoomId, message: Seq): void {
    this.#told.set(`${room} ${message}`, this.#clock.ticks())
  }

  reactionsTo(): Promise<never[]> {
    return Promise.resolve([])
  }
}

function setUp({ queueLimit = 10_000, deadlineMs = 5000 } = {}) {
  const clock = new FakeClock()
  const log = new FakeLog(clock)
  const delivered: RoomEvent[] = []
  const feed = {
    epoch: 'one',
    commit(_: RoomId, events: RoomEvent[]) {
      delivered.push(...events)
    },
  }
  const writer = new ReactionWriter(log, clock, feed, { queueLimit, deadlineMs, nextTurn: queueMicrotask })
  let users = 0
  const react = (message = 1, { room = ROOM, user = ++users, reaction = '👍', on = true } = {}) =>
    writer.write(room, { message: id(message), user: id(user), reaction, on })
  return { clock, log, feed, writer, delivered, react }
}

/** What became of it, or null so far. */
function outcomeOf(promise: Promise<unknown>): { kind: string | null } {
  const outcome: { kind: string | null } = { kind: null }
  promise.then(
    () => {
      outcome.kind = 'written'
    },
    (error: unknown) => {
      outcome.kind = error instanceof ChatError ? error.kind : 'fault'
    },
  )
  return outcome
}

describe('reactions to one message', () => {
  test('the first is written at once, and those of the same turn with it', async () => {
    const { clock, log, react } = setUp()
    const all = [react(), react(), react()]
    await clock.advance(0)
    expect(log.batches.map((batch) => batch.length)).toEqual([3])
    expect(await Promise.all(all)).toEqual([seq(1), seq(1), seq(1)])
  })

  test('10,000 within a second make at most 10 events, and all are written', async () => {
    const { clock, log, react, delivered } = setUp({ queueLimit: 20_000 })
    const outcomes: { kind: string | null }[] = []
    for (let ms = 0; ms < 1000; ms++) {
      for (let each = 0; each < 10; each++) outcomes.push(outcomeOf(react()))
      await clock.advance(1)
    }
    expect(delivered.length).toBeLessThanOrEqual(9)
    await clock.advance(WINDOW)
    expect(delivered.length).toBeLessThanOrEqual(10)
    expect(outcomes.every(({ kind }) => kind === 'written')).toBe(true)
    expect(log.batches.flat()).toHaveLength(10_000)
  }, 30_000)

  test('all at once come in pieces, which one event can tell', async () => {
    const { clock, log, react } = setUp()
    const all = Array.from({ length: 5000 }, () => outcomeOf(react()))
    await clock.advance(0)
    await clock.advance(WINDOW)
    expect(log.batches.map((batch) => batch.length)).toEqual([4096, 904])
    expect(all.every(({ kind }) => kind === 'written')).toBe(true)
  })

  test('of several changes of one reaction only the last is written, and all are answered', async () => {
    const { clock, log, react } = setUp()
    await react()
    const all = [true, false, true, false].map((on) => outcomeOf(react(1, { user: 99, on })))
    await clock.advance(WINDOW)
    expect(log.batches.at(-1)).toMatchObject([{ user: 99, on: false }])
    expect(all.map(({ kind }) => kind)).toEqual(Array(4).fill('written'))
  })

  test('wait if another node has just written, and what is asked for meanwhile counts', async () => {
    const { clock, log, react, delivered } = setUp()
    log.elsewhere(ROOM, id(1))
    await clock.advance(25)
    log.meanwhile = () => {
      log.meanwhile = () => undefined
      outcomes.push(outcomeOf(react(1, { user: 99, on: false })))
    }
    const outcomes = [outcomeOf(react(1, { user: 99 })), outcomeOf(react())]
    await clock.advance(99)
    expect(delivered).toEqual([])
    expect(outcomes.map(({ kind }) => kind)).toEqual([null, null, null])
    await clock.advance(1)
    expect(delivered).toHaveLength(1)
    expect(outcomes.map(({ kind }) => kind)).toEqual(['written', 'written', 'written'])
    expect(present(log.batches.at(-1)).map(({ user, on }) => [user as number, on])).toEqual([
      [99, false],
      [1, true],
    ])
  })

  test('are refused once they have waited for too long', async () => {
    const { clock, log, react } = setUp({ deadlineMs: 300 })
    log.elsewhere(ROOM, id(1))
    const outcome = outcomeOf(react())
    for (let ms = 0; ms < 400; ms++) {
      log.elsewhere(ROOM, id(1))
      await clock.advance(1)
    }
    expect(outcome.kind).toBe('unavailable')
  })
})

describe('reactions to several messages', () => {
  test('do not wait for each other, and those of one room are written together', async () => {
    const { clock, log, react, delivered } = setUp()
    await react(1)
    const other = outcomeOf(react(2))
    await clock.advance(0)
    expect(other.kind).toBe('written')
    const all = [3, 4, 3, 1].map((message) => outcomeOf(react(message)))
    await clock.advance(0)
    expect(log.batches.map((batch) => batch.length)).toEqual([1, 1, 3])
    await clock.advance(WINDOW)
    expect(all.every(({ kind }) => kind === 'written')).toBe(true)
    expect(delivered).toHaveLength(5)
  })

  test('a room that is slow does not hold up others, of which four are written at once', async () => {
    const { clock, log, react } = setUp()
    const gates = Array.from({ length: 4 }, () => Promise.withResolvers<void>())
    const open = [...gates]
    log.meanwhile = () => open.shift()?.promise
    const outcomes = [1, 2, 3, 4, 5].map((room) => outcomeOf(react(1, { room: id(room) })))
    await clock.advance(0)
    expect(log.batches).toHaveLength(4)
    gates[2]?.resolve()
    await clock.advance(0)
    expect(outcomes.map(({ kind }) => kind)).toEqual([null, null, 'written', null, 'written'])
    for (const gate of gates) gate.resolve()
    await clock.advance(0)
    expect(outcomes.every(({ kind }) => kind === 'written')).toBe(true)
  })
})

describe('when something fails', () => {
  test('the batch gets the error, and the next one is written', async () => {
    const { clock, log, react } = setUp()
    log.fails = new ChatError('unavailable', 'away')
    const outcomes = [outcomeOf(react()), outcomeOf(react())]
    await clock.advance(0)
    expect(outcomes.map(({ kind }) => kind)).toEqual(['unavailable', 'unavailable'])
    log.fails = null
    await expect(react()).resolves.toBe(seq(1))
  })

  test('nothing is told of what was written in an epoch that is over', async () => {
    const { log, feed, react, delivered } = setUp()
    log.meanwhile = () => {
      feed.epoch = 'two'
    }
    await expect(react()).rejects.toMatchObject({ kind: 'unavailable' })
    expect(delivered).toEqual([])
  })

  test('more than may wait are refused at once', async () => {
    const { react } = setUp({ queueLimit: 2 })
    const outcomes = [react(), react(), react()]
    await expect(present(outcomes[2])).rejects.toMatchObject({ kind: 'overloaded' })
    await expect(Promise.all(outcomes.slice(0, 2))).resolves.toEqual([seq(1), seq(1)])
  })
})

test('a writer that is closed answers what waits, and takes no more', async () => {
  const { clock, writer, react } = setUp()
  await react()
  const waiting = outcomeOf(react())
  const closed = outcomeOf(writer.close())
  await expect(react()).rejects.toMatchObject({ kind: 'unavailable' })
  await clock.advance(WINDOW - 1)
  expect([waiting.kind, closed.kind]).toEqual([null, null])
  await clock.advance(1)
  expect([waiting.kind, closed.kind]).toEqual(['written', 'written'])
  await clock.advance(WINDOW)
  expect(clock.pending).toBe(0)
})
