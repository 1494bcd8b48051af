import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { PackedMessages } from '../../src/core/feed/packed-messages.ts'
import { jsonText, type Message } from '../../src/core/index.ts'
import { id, message } from './fakes/values.ts'

const ROOM = id(7)

const text = fc.string({ unit: 'binary', maxLength: 200 })
const number = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }).map(id)
const sent = fc
  .record({
    id: number,
    seq: number,
    sender: fc.record({ id: number, username: text }),
    clientId: text,
    kind: text,
    body: text,
    replyTo: fc.option(number),
    details: fc.option(text.map((value) => ({ metadata: jsonText({ value }) }))),
    createdAt: fc.date({ noInvalidDate: true }),
  })
  .map((more): Message => ({ ...message(ROOM, 1, more) }))
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('push' as const), sent }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('skip' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constantFrom('erase' as const, 'drop' as const), n: fc.nat(40) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('clear' as const) }) },
)

test('packed messages are as they were pushed, whatever was erased and dropped meanwhile', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80, size: 'max' }), (steps) => {
      const packed = new PackedMessages()
      let model: (Message | null)[] = []
      for (const s of steps) {
        if (s.do === 'push') {
          packed.push(s.sent)
          model.push(s.sent)
        } else if (s.do === 'skip') {
          packed.skip()
          model.push(null)
        } else if (s.do === 'clear') {
          packed.clear()
          model = []
        } else if (model.length > 0 && s.do === 'erase') {
          packed.erase(s.n % model.length)
          model[s.n % model.length] = null
        } else if (s.do === 'drop') {
          packed.drop(s.n % (model.length + 1))
          model = model.slice(s.n % (model.length + 1))
        }
        expect(packed.length).toBe(model.length)
        expect(model.map((_, place) => packed.at(place, ROOM))).toEqual(model)
        expect(model.map((_, place) => packed.textLength(place))).toEqual(
          model.map((m) => (m?.body.length ?? 0) + (m?.details?.metadata?.length ?? 0)),
        )
        expect([packed.at(-1, ROOM), packed.at(model.length, ROOM)]).toEqual([null, null])
      }
    }),
    { numRuns: 200 },
  )
})

describe('memory', () => {
  test('has no words of a message that was erased or dropped', () => {
    const packed = new PackedMessages()
    for (const body of ['first secret', 'second secret', 'kept', 'last secret'])
      packed.push(message(ROOM, packed.length + 1, { body }))
    packed.erase(1)
    expect(held(packed)).toContain('first secret')
    expect(held(packed)).not.toContain('second secret')
    packed.drop(1)
    packed.erase(2)
    expect(held(packed)).toContain('kept')
    expect(held(packed)).not.toContain('secret')
    packed.drop(2)
    expect(held(packed)).not.toContain('kept')
  })

  test('is given back after a burst', () => {
    const packed = new PackedMessages()
    expect(packed.bytes.length).toBe(0)
    for (let i = 0; i < 1000; i++) packed.push(message(ROOM, i + 1, { body: 'x'.repeat(1000) }))
    expect(packed.bytes.length).toBeGreaterThan(1_000_000)
    packed.drop(990)
    expect(packed.bytes.length).toBeLessThan(30_000)
    expect(packed.at(9, ROOM)).toEqual(message(ROOM, 1000, { body: 'x'.repeat(1000) }))
    packed.drop(10)
    expect(packed.bytes.length).toBe(0)
  })

  test('does not grow if as much is dropped as is pushed', () => {
    const packed = new PackedMessages()
    for (let i = 0; i < 10_000; i++) {
      packed.push(message(ROOM, i + 1))
      if (packed.length > 20) packed.drop(10)
    }
    expect(packed.bytes.length).toBeLessThan(4096)
  })
})

function held(packed: PackedMessages): string {
  return new TextDecoder('latin1').decode(packed.bytes)
}
