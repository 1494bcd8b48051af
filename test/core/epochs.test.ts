import { beforeEach, describe, expect, test } from 'bun:test'
import { ChatError, Epochs } from '../../src/core/index.ts'
import { FakeClock } from './fakes/clock.ts'
import { FakeLedger } from './fakes/fake-ledger.ts'
import { id, seq } from './fakes/values.ts'

const SECOND = 1000
const SEEN = { room: id(7), seq: seq(42), message: null } as const

let clock: FakeClock
let ledger: FakeLedger

beforeEach(() => {
  clock = new FakeClock()
  ledger = new FakeLedger()
})

/** A node that watches the ledger, with a record of its notifications. */
async function open() {
  const told = { rewritten: [] as string[], compared: 0, failed: [] as unknown[] }
  const epochs = await Epochs.open(ledger, clock)
  epochs.watch({
    rewritten: (from, to) => told.rewritten.push(`${from} → ${to}`),
    async compare() {
      told.compared++
    },
    failed: (error) => told.failed.push(error),
  })
  /** A change is seen, and a beat is written. */
  async function see(): Promise<string> {
    epochs.moved()
    await clock.advance(SECOND)
    return epochs.mark
  }
  return { epochs, told, see }
}

describe('a node', () => {
  test('starts with the epoch of the database, and a beat', async () => {
    const { epochs } = await open()
    expect(epochs.name).toBe('1-first')
    expect(epochs.mark).toMatch(/^1-first\.[0-9a-f]{16}\.1$/)
    expect([...ledger.beatsWritten.values()]).toEqual([1])
  })

  test('begins the first epoch of a database that has none', async () => {
    ledger.epoch = { number: 0, name: '' }
    const [one, other] = await Promise.all([open(), open()])
    expect(one.epochs.name).toMatch(/^1-[0-9a-f]{8}$/)
    expect(other.epochs.name).toBe(one.epochs.name)
  })

  test('checks every second, and writes only when it has seen a change, or once an hour', async () => {
    const { epochs, see } = await open()
    const before = epochs.mark
    await clock.advance(60 * SECOND)
    expect(ledger.looks).toBeGreaterThan(55)
    expect(epochs.mark).toBe(before)
    const after = await see()
    expect(after).not.toBe(before)
    await clock.advance(3600 * SECOND)
    expect(epochs.mark).not.toBe(after)
  })

  test('reports no beat as safe before its write is confirmed', async () => {
    const { epochs } = await open()
    const before = epochs.mark
    ledger.after = () => Promise.reject(new ChatError('unavailable', 'away'))
    epochs.moved()
    await clock.advance(5 * SECOND)
    expect(epochs.mark).toBe(before)
    ledger.after = () => undefined
    await clock.advance(SECOND)
    expect(Number(epochs.mark.split('.').at(-1))).toBeGreaterThan(5)
    // A beat without a confirmed write is never written again, because its place in the history is unknown.
    expect(new Set(ledger.beatsWritten.values()).size).toBe(1)
  })

  test('stops on request', async () => {
    const { epochs } = await open()
    epochs.stop()
    const { looks } = ledger
    await clock.advance(60 * SECOND)
    expect(ledger.looks).toBe(looks)
    expect(clock.pending).toBe(0)
  })

  test('reports a fault once, and an unavailable database never', async () => {
    const { told } = await open()
    ledger.before = () => Promise.reject(new ChatError('unavailable', 'away'))
    await clock.advance(5 * SECOND)
    ledger.before = () => Promise.reject(new Error('broken'))
    await clock.advance(5 * SECOND)
    expect(told.failed).toEqual([new Error('broken')])
  })
})

describe('a database that went back', () => {
  test('to before a beat is noticed, and another epoch begins', async () => {
    const { epochs, told, see } = await open()
    const restore = ledger.backUp()
    await see()
    restore()
    await clock.advance(2 * SECOND)
    expect(told.rewritten).toEqual([`1-first → ${epochs.name}`])
    expect(epochs.name).toStartWith('2-')
    // The new epoch has a beat at once.
    expect(epochs.mark).not.toEndWith('.0')
    await clock.advance(60 * SECOND)
    expect(told.rewritten).toHaveLength(1)
  })

  test('to before a beat is noticed even if others have written since', async () => {
    const { told, see } = await open()
    await see()
    const restore = ledger.backUp()
    await see()
    restore()
    const other = await open()
    for (let i = 0; i < 10; i++) await other.see()
    expect(told.rewritten).toHaveLength(1)
    // A later node has seen no lost changes, but joins the new epoch.
    expect(other.told.rewritten).toHaveLength(1)
  })

  test('leads all nodes to one epoch, whoever notices', async () => {
    const nodes = [await open(), await open(), await open()]
    for (const { see } of nodes) await see()
    const restore = ledger.backUp()
    for (const { see } of nodes) await see()
    restore()
    await clock.advance(5 * SECOND)
    expect(new Set(nodes.map(({ epochs }) => epochs.name)).size).toBe(1)
    expect(nodes.map(({ told }) => told.rewritten.length)).toEqual([1, 1, 1])
  })

  test('to before the present epoch, or is another database, is noticed', async () => {
    const restore = ledger.backUp()
    const { epochs, told } = await open()
    ledger.epoch = { number: 2, name: 'second' }
    await clock.advance(SECOND)
    expect(epochs.name).toBe('2-second')
    restore()
    await clock.advance(2 * SECOND)
    expect(epochs.name).toStartWith('3-')
    ledger.epoch = { number: 3, name: 'elsewhere' }
    await clock.advance(2 * SECOND)
    expect(epochs.name).toStartWith('4-')
    expect(told.rewritten).toHaveLength(3)
  })

  test('by less than a beat is checked soon for the contradiction', async () => {
    const { epochs, told } = await open()
    ledger.contradicts = (seen) => seen.room === SEEN.room
    epochs.suspect(SEEN)
    await clock.advance(200)
    expect(told.rewritten).toHaveLength(1)
    expect(ledger.asked).toEqual([SEEN])
  })

  test('is checked again if it was unavailable', async () => {
    const { epochs, told } = await open()
    ledger.contradicts = () => true
    ledger.before = () => Promise.reject(new ChatError('unavailable', 'away'))
    epochs.suspect(SEEN)
    await clock.advance(5 * SECOND)
    ledger.before = () => undefined
    await clock.advance(SECOND)
    expect(told.rewritten).toHaveLength(1)
  })
})

describe('no epoch begins', () => {
  test('if the database does not confirm the contradiction', async () => {
    const { epochs, told } = await open()
    epochs.suspect(SEEN)
    await clock.advance(60 * SECOND)
    expect(told.rewritten).toEqual([])
    expect(ledger.asked).toEqual([SEEN])
  })

  test('if the database was unavailable or its server changed, but rooms are compared', async () => {
    const { told, see } = await open()
    await see()
    expect(told.compared).toBe(0)
    ledger.server++
    await clock.advance(SECOND)
    expect(told.compared).toBe(1)
    ledger.before = () => Promise.reject(new ChatError('unavailable', 'away'))
    await clock.advance(5 * SECOND)
    ledger.before = () => undefined
    await clock.advance(60 * SECOND)
    expect(told).toMatchObject({ compared: 2, rewritten: [] })
  })
})

test('many suspicions cause one check', async () => {
  const { epochs } = await open()
  const { looks } = ledger
  for (let i = 0; i < 50; i++) {
    epochs.suspect(SEEN)
    epochs.look()
    await clock.advance(10)
  }
  expect(ledger.looks - looks).toBeLessThan(10)
  expect(ledger.looks - looks).toBeGreaterThan(2)
})

describe('a mark', () => {
  test('is valid in its own history, on every node', async () => {
    const [one, other] = [await open(), await open()]
    const mark = await one.see()
    expect(await one.epochs.continues(mark)).toBe(true)
    expect(await other.epochs.continues(mark)).toBe(true)
    expect(await other.epochs.continues(await one.see())).toBe(true)
    expect(await other.epochs.continues(mark)).toBe(true)
  })

  test('that was lost is invalid, even for a newer node, and however far the others have come', async () => {
    const one = await open()
    const kept = await one.see()
    const restore = ledger.backUp()
    const lost = await one.see()
    one.epochs.stop()
    restore()
    const later = await open()
    for (let i = 0; i < 10; i++) await later.see()
    expect(later.told.rewritten).toEqual([])
    expect(await later.epochs.continues(kept)).toBe(true)
    expect(await later.epochs.continues(lost)).toBe(false)
  })

  test('of an earlier epoch is invalid in a later one', async () => {
    const { epochs, see } = await open()
    const restore = ledger.backUp()
    const mark = await see()
    restore()
    await clock.advance(2 * SECOND)
    expect(await epochs.continues(mark)).toBe(false)
    expect(await epochs.continues(epochs.mark)).toBe(true)
  })

  test.each([
    '',
    'nonsense',
    '1-first',
    '1-first.x',
    '1-first..1',
    '1-first.nobody.1',
    `1-first.nobody.${'9'.repeat(80)}`,
  ])('%p is not a mark', async (mark) => {
    const { epochs } = await open()
    expect(await epochs.continues(mark)).toBe(false)
  })

  test('of what this node has not written yet is invalid', async () => {
    const { epochs } = await open()
    const [epoch, node] = epochs.mark.split('.')
    expect(await epochs.continues(`${epoch}.${node}.2`)).toBe(false)
  })

  test('cannot be looked up while the database is unavailable', async () => {
    const [one, other] = [await open(), await open()]
    const mark = await one.see()
    ledger.beats = () => Promise.reject(new ChatError('unavailable', 'away'))
    await expect(other.epochs.continues(mark)).rejects.toMatchObject({ kind: 'unavailable' })
  })
})
