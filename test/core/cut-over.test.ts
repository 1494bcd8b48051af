import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { cutOver } from '../../src/core/feed/cut-over.ts'
import type { Changes, Recent, RoomEvent, Seq } from '../../src/core/index.ts'
import { settled } from './fakes/clock.ts'
import { FeedRig, PATIENCE, upTo } from './fakes/feed-rig.ts'
import { stateOf } from './fakes/room-model.ts'
import { seq } from './fakes/values.ts'

describe('a reader that joins the stream', () => {
  const kinds = ['send', 'send', 'send', 'edit', 'delete', 'member'] as const
  const commit = fc.record({
    at: fc.nat(200),
    kind: fc.constantFrom(...kinds),
    nth: fc.nat(20),
    told: fc.boolean(),
  })
  const plan = fc.record({
    before: fc.nat(8),
    commits: fc.array(commit, { maxLength: 60, size: 'max' }),
    /** When the reader comes, how far back it starts, and how slow it and the database are. */
    comes: fc.nat(200),
    behind: fc.nat(10),
    slowReader: fc.nat(40),
    slowLog: fc.array(fc.nat(40), { maxLength: 20 }),
  })

  test('gets each number of plain messages once, in order', async () => {
    await fc.assert(
      fc.asyncProperty(plan, async ({ commits, ...rest }) => {
        const sends = commits.map((c) => ({ ...c, kind: 'send' as const }))
        const { rig, from, got } = await play({ ...rest, commits: sends })
        expect(got.map((event) => event.seq)).toEqual(upTo(rig.model.head).slice(from))
      }),
      { numRuns: 150 },
    )
  })

  test('ends with the room’s current state after changes of any kind, and gets no number twice', async () => {
    await fc.assert(
      fc.asyncProperty(plan, async (chosen) => {
        const { rig, from, got } = await play(chosen)
        const seqs = got.map((event) => event.seq)
        expect(seqs).toEqual([...new Set(seqs)].sort((a, b) => a - b))
        expect(stateOf([...rig.model.events.slice(0, from), ...got])).toEqual(stateOf(rig.model.events))
      }),
      { numRuns: 300 },
    )
  })
})

describe('cut-over', () => {
  test('reads what is older than the tail in pages, each once the reader has taken the one before', async () => {
    const rig = new FeedRig()
    rig.send(1000)
    const tracked = await rig.opened()
    const reader = readerOf(rig)
    const gate = Promise.withResolvers<void>()
    reader.taking = () => gate.promise
    const done = cutOver(tracked, seq(0), rig.model, reader)
    await settled()
    expect(rig.model.reads).toBe(1)
    expect(reader.got.length).toBeLessThan(500)
    gate.resolve()
    expect(await done).toBe(true)
    expect(reader.got.map((event) => event.seq)).toEqual(upTo(1000))
  })

  test('reads nothing if the tail has it', async () => {
    const rig = new FeedRig()
    const tracked = await rig.opened()
    rig.accept(...rig.send(5))
    const reader = readerOf(rig)
    expect(await cutOver(tracked, seq(2), rig.model, reader)).toBe(true)
    expect(reader.got.map((event) => event.seq)).toEqual([3, 4, 5].map(seq))
    expect(rig.model.reads).toBe(0)
  })

  test('waits until the reader has taken what it was given, and shows what has come meanwhile, too', async () => {
    const rig = new FeedRig()
    const tracked = await rig.opened()
    rig.accept(...rig.send(5))
    const reader = readerOf(rig)
    const drained = Promise.withResolvers<void>()
    reader.isFull = () => true
    reader.drained = () => drained.promise
    const done = cutOver(tracked, seq(2), rig.model, reader)
    await settled()
    rig.accept(...rig.send(1))
    expect([reader.got, reader.live]).toEqual([[], false])
    reader.isFull = () => false
    drained.resolve()
    expect(await done).toBe(true)
    expect(reader.got.map((event) => event.seq)).toEqual([3, 4, 5, 6].map(seq))
    expect(reader.live).toBe(true)
  })

  test('waits for the feed if the reader is ahead of it', async () => {
    const rig = new FeedRig()
    const tracked = await rig.opened()
    rig.send(3)
    const reader = readerOf(rig)
    const done = cutOver(tracked, seq(3), rig.model, reader)
    await settled()
    expect(reader.live).toBe(false)
    await rig.clock.advance(PATIENCE)
    expect(await done).toBe(true)
    rig.accept(...rig.send(1))
    expect(reader.got.map((event) => event.seq)).toEqual([seq(4)])
  })

  test('stops if the room is gone', async () => {
    const rig = new FeedRig()
    rig.send(5)
    const tracked = await rig.opened()
    rig.model.deleted = true
    const reader = readerOf(rig)
    expect(await cutOver(tracked, seq(0), rig.model, reader)).toBe(false)
    expect(reader.live).toBe(false)
  })

  test('stops if the reader leaves while it waits for the feed, or for the reader', async () => {
    const rig = new FeedRig()
    const tracked = await rig.opened()
    const ahead = readerOf(rig)
    const waiting = cutOver(tracked, seq(3), rig.model, ahead)
    await settled()
    rig.feed.unfollow(tracked)
    expect(await waiting).toBe(false)

    rig.send(1000)
    const again = await rig.opened()
    const slow = readerOf(rig)
    slow.taking = () => {
      slow.gone = true
    }
    expect(await cutOver(again, seq(0), rig.model, slow)).toBe(false)
    expect([ahead.live, slow.live]).toEqual([false, false])
  })

  test('fails if the database has less than was delivered, and reports a suspicion', async () => {
    const rig = new FeedRig()
    rig.send(1000)
    const tracked = await rig.opened()
    const reader = readerOf(rig)
    const goneBack = { changes: () => Promise.resolve({ events: [], head: seq(900), readAt: seq(900) }) }
    const done = cutOver(tracked, seq(900), goneBack, reader)
    await expect(done).rejects.toMatchObject({ kind: 'unavailable' })
    expect([reader.got, reader.live]).toEqual([[], false])
    expect(rig.suspected).toEqual([{ room: rig.model.id, seq: seq(1000), message: null }])
  })

  test('fails if the room cannot be opened or read', async () => {
    const rig = new FeedRig()
    rig.model.before = () => Promise.reject(new Error('away'))
    const unopened = rig.feed.follow(rig.model.id)
    await expect(cutOver(unopened, seq(0), rig.model, readerOf(rig))).rejects.toThrow('away')
  })
})

type Plan = {
  before: number
  commits: { at: number; kind: 'send' | 'edit' | 'delete' | 'member'; nth: number; told: boolean }[]
  comes: number
  behind: number
  slowReader: number
  slowLog: number[]
}

/** Another socket follows the room from the start; the reader comes later. */
async function play({ before, commits, comes, behind, slowReader, slowLog }: Plan) {
  const rig = new FeedRig()
  rig.send(before)
  const pause = (ms: number) => new Promise<void>((resolve) => rig.clock.after(ms, resolve))
  await rig.opened()
  for (const { at, kind, nth, told } of commits) {
    rig.clock.after(at, () => {
      const event =
        kind === 'send'
          ? rig.model.send()
          : kind === 'member'
            ? rig.model.member()
            : rig.model.revise(nth, kind === 'edit' ? `words ${rig.model.head}` : null)
      if (told) rig.accept(event)
    })
  }
  await rig.clock.advance(comes)
  const from: Seq = seq(Math.max(0, rig.model.head - behind))
  rig.model.before = () => pause(slowLog.pop() ?? 0)
  rig.model.after = () => pause(slowLog.pop() ?? 0)
  const tracked = rig.feed.follow(rig.model.id)
  const reader = readerOf(rig)
  reader.taking = () => pause(slowReader)
  const done = cutOver(tracked, from, rig.model, reader)
  await rig.clock.advance(2000)
  const reconciled = rig.feed.reconcile()
  await rig.clock.advance(2000)
  await reconciled
  expect(await done).toBe(true)
  return { rig, from, got: reader.got }
}

/** Collects the events of the cut-over, and those that the feed delivers once it is attached. */
function readerOf(rig: FeedRig) {
  const got: RoomEvent[] = []
  const reader = {
    got,
    live: false,
    gone: false,
    taking: (): void | Promise<void> => undefined,
    async page({ events, head }: Changes) {
      got.push(...events)
      await reader.taking()
      return head
    },
    show({ events }: Recent) {
      got.push(...events)
    },
    isFull: () => false,
    drained: () => Promise.resolve(),
    attach() {
      expect(reader.live).toBe(false)
      reader.live = true
    },
    alive: () => !reader.gone,
  }
  rig.onDeliver = (events) => {
    if (reader.live) got.push(...events)
  }
  return reader
}
