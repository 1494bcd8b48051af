import { expect } from 'bun:test'
import postgres, { type Sql } from 'postgres'
import { type Message, Room, type RoomEvent, SignedIn, type Snapshot } from '../../src/api/v2/wire/index.ts'
import { peakMemory } from '../api/across/support/process-memory.ts'
import { ask } from '../api/support/rest.ts'
import { hasMessage } from '../api/v2/support/event-message.ts'
import { exactly } from '../api/v2/support/exact-shape.ts'
import { enter, eventsIn } from '../api/v2/support/rooms.ts'
import { V2Client } from '../api/v2/support/v2-client.ts'
import { unlimited } from '../e2e/unlimited.ts'
import { type ParleyProcess, startParley } from '../support/parley-process.ts'
import { createMigratedDatabase } from '../support/shared-postgres.ts'
import { atRest } from './at-rest.ts'
import { expectedEvents, insertMissed, type Missed } from './missed.ts'
import { openSlowSubscriber } from './slow-subscriber.ts'

export interface ResumeSizes {
  /** The number of changes that a client can catch up with. */
  readonly many: number
  /** A number of changes that is too large for that. */
  readonly tooMany: number
  readonly resumeLimit: number
  /** Characters of each text. */
  readonly text: number
  /** Runs of each case. The median is reported. */
  readonly times: number
}

/** Clients resume that have missed nothing, a little, much, or too much to catch up with: what each is sent, and how long it takes. */
export async function resumesAcross(sizes: ResumeSizes): Promise<void> {
  await withOldRoom(sizes.tooMany + 7, '', sizes, async ({ parley, token, missed }) => {
    const head = missed.base + missed.count
    const ways = [
      { count: 0, mode: 'live' },
      { count: 10, mode: 'changes' },
      { count: sizes.many, mode: 'changes' },
      { count: sizes.tooMany, mode: 'snapshot' },
    ] as const
    for (const { count, mode } of ways) {
      const times: number[] = []
      for (let time = 1; time <= sizes.times; time++) {
        const client = await connect(parley, token)
        const start = performance.now()
        const { answer, live, state } = await enter(client, missed.room, head - count)
        times.push(performance.now() - start)
        expect(answer).toMatchObject({ mode, head })
        expect([live.seq, state.head]).toEqual([head, head])
        const told = eventsIn(client, missed.room)
        if (answer.snapshot !== null) expectLatest(answer.snapshot, missed)
        const expected = mode === 'snapshot' ? [] : expectedEvents(missed, head - count, told)
        expect(messagesIn(told)).toEqual(messagesIn(expected))
        await client.close()
      }
      console.log(`${count} missed: ${mode}, in ${median(times).toFixed(1)} ms (median of ${times.length})`)
    }
  })
}

/** Clients that have missed much read slowly. All of them catch up, and the server holds little for them meanwhile. */
export async function resumesSlowly(readers: number, sizes: ResumeSizes): Promise<void> {
  const filler = 'x'.repeat(sizes.text)
  await withOldRoom(sizes.many + 7, filler, sizes, async ({ parley, missed, url }) => {
    const head = missed.base + missed.count
    const open = () => openSlowSubscriber(url, missed.room, head - sizes.many)
    // First one that reads at once, so that the server has reached its usual size before it is measured.
    const quick = await open()
    await quick.take(Number.POSITIVE_INFINITY)
    quick.cut()
    const before = await peakMemory(parley.pid)
    const slow = await Promise.all(Array.from({ length: readers }, open))
    // None of them reads, so the kernel's buffers fill and the server must wait for each client.
    await atRest(parley.pid)
    const stalled = ((await peakMemory(parley.pid)) - before) / MIB
    let turns = 0
    for (; slow.some(({ isLive }) => !isLive); turns++) {
      const waiting = slow.filter(({ isLive }) => !isLive)
      await Promise.all(waiting.map((reader) => reader.take(TURN_BYTES)))
      expect(slow.filter(({ isClosed }) => isClosed)).toEqual([])
    }
    const growth = ((await peakMemory(parley.pid)) - before) / MIB
    const largest = Math.max(...slow.map((reader) => reader.largest))
    const whole = (readers * sizes.many * (sizes.text + ENVELOPE)) / MIB
    console.log(
      `${readers} slow clients caught up with ${sizes.many} changes each, about ${whole.toFixed(0)} MiB, in ${turns} turns; the ` +
        `largest frame had ${largest} characters; the server's memory grew by ${stalled.toFixed(1)} MiB while none of them read, ` +
        `and by ${growth.toFixed(1)} MiB in all`,
    )
    for (const reader of slow) expect(reader).toMatchObject({ mode: 'changes', position: head })
    expect(largest).toBeLessThan(LARGEST_FRAME)
    expect(whole).toBeGreaterThan(MOST_GROWTH_MIB * 1.5)
    expect(growth).toBeLessThan(MOST_GROWTH_MIB)
    for (const reader of slow) reader.cut()
  })
}

async function withOldRoom(
  count: number,
  filler: string,
  { resumeLimit }: ResumeSizes,
  run: (scene: Scene) => Promise<void>,
): Promise<void> {
  const databaseUrl = await createMigratedDatabase()
  const parley = await startParley({
    ...unlimited,
    DATABASE_URL: databaseUrl,
    RESUME_LIMIT: String(resumeLimit),
    // Slow readers do not reply to pings.
    SOCKET_PONG_DEADLINE_MS: '3600000',
    // An engine that believes it has little memory collects garbage early, so what remains is what the server really holds.
    BUN_JSC_forceRAMSize: String(128 * MIB),
  })
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => undefined })
  try {
    await run(await makeOldRoom(parley, sql, count, filler))
  } finally {
    await sql.end()
    await parley.remove()
  }
}

async function makeOldRoom(parley: ParleyProcess, sql: Sql, count: number, filler: string): Promise<Scene> {
  const json = { username: 'ann', password: 'correct horse battery staple' }
  const signedIn = await ask('POST', `${parley.url}/api/v2/users`, { json })
  const { user, token } = exactly(SignedIn).parse(signedIn.json)
  const wanted = { token, json: { name: 'old', kind: 'private' } }
  const room = exactly(Room).parse((await ask('POST', `${parley.url}/api/v2/rooms`, wanted)).json)
  const sender = { id: user.id, username: user.username }
  const missed = { room: room.id, sender, base: room.head, count, filler }
  const start = performance.now()
  await insertMissed(sql, missed)
  console.log(`${count} changes were made in ${((performance.now() - start) / 1000).toFixed(1)} s`)
  return { parley, token, missed, url: `${parley.wsUrl}/api/v2/socket?token=${token}` }
}

async function connect(parley: ParleyProcess, token: string): Promise<V2Client> {
  const client = new V2Client(`${parley.wsUrl}/api/v2/socket?token=${token}`)
  await client.heard('hello')
  return client
}

interface Scene {
  readonly parley: ParleyProcess
  readonly token: string
  readonly missed: Missed
  /** Of the socket. */
  readonly url: string
}

/** Returns the messages after all events. A message that changed may come again in a later frame. */
function messagesIn(events: readonly RoomEvent[]): Message[] {
  const bySeq = new Map(
    events.flatMap((event) => (hasMessage(event) ? [[event.message.seq, event.message]] : [])),
  )
  return [...bySeq.values()].sort((a, b) => a.seq - b.seq)
}

function expectLatest({ messages, has_older }: Snapshot, missed: Missed): void {
  const { room, base, count } = missed
  const shown = messages.map((message): RoomEvent => ({ type: 'message', room, seq: message.seq, message }))
  const latest = expectedEvents(missed, base + count - 100, shown).filter(({ type }) => type === 'message')
  expect(shown).toEqual(latest.slice(-50))
  expect(has_older).toBe(true)
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}

const MIB = 2 ** 20
/** Bytes that a slow reader reads at a time. */
const TURN_BYTES = 32_000
/** Roughly the characters around a text. */
const ENVELOPE = 350
/** Twice as many characters as a frame of changes has of text. */
const LARGEST_FRAME = 65_536
const MOST_GROWTH_MIB = 64
