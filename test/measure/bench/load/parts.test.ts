import { describe, expect, test } from 'bun:test'
import { framesOf, PartReader, type Parts } from './parts.ts'
import { messageFrame } from './v2-frames.ts'

const before = 'before'

/** The parts of a text frame that lies in the middle of other bytes. */
function partsOf(parts: Parts, text: string, behind = 'after'): string[] {
  const bytes = Buffer.from(`${before}${text}${behind}`)
  const found: string[] = []
  const reader = new PartReader(parts, (all, start, end) => {
    found.push(Buffer.from(all.subarray(start, end)).toString())
  })
  // Twice: it remembers something of what came before.
  for (let i = 0; i < 2; i++) {
    found.length = 0
    reader.read(bytes, before.length, before.length + Buffer.byteLength(text))
  }
  return found
}

const message = (room: number, body: string) => messageFrame(room, body)
const result = '{"type":"result","id":2,"data":{"room":7,"seq":43},"remaining":499}'
const marks = '{"type":"marks","room":7,"user":2,"read_seq":43,"delivered_seq":43}'
const state =
  '{"type":"state","room":7,"marks":[{"user":1,"read_seq":4},{"user":2,"read_seq":41}],"online":[1]}'

describe('the parts of a frame', () => {
  test('of one are the frame, whatever it holds', () => {
    expect(partsOf('one', `[${marks},${marks}]`)).toEqual([`[${marks},${marks}]`])
    expect(partsOf('array', marks)).toEqual([marks])
  })

  test.each([
    ['one event', [message(7, 'a')]],
    ['events of one length', [message(7, 'a'), message(7, 'b'), message(7, 'c')]],
    ['events that grow by a digit', [message(9, 'a'), message(10, 'a'), message(100, 'a'), message(9, 'a')]],
    ['events of other types between them', [message(7, 'a'), result, result, message(7, 'a'), marks, state]],
    [
      'what looks like a boundary in a body',
      [message(7, '},{"type":"message"'), message(7, '}},{[{'), marks],
    ],
    ['characters of several bytes', [message(7, 'é€😀'), message(7, 'é€😀')]],
  ])('of an array are its elements: %s', (_, texts) => {
    expect(partsOf('array', `[${texts.join()}]`)).toEqual(texts)
    // What follows in the same piece of memory is no part of the frame.
    expect(partsOf('array', `[${texts.join()}]`, `,${texts.join()}]`)).toEqual(texts)
  })

  test('two short elements are not taken for one of the length of the one before', () => {
    const filler = (length: number) => `{"type":"result","x":"${'x'.repeat(length - 24)}"}`
    const long = message(7, 'ab')
    const half = filler((long.length - 1) / 2)
    expect(half.length * 2 + 1).toBe(long.length)
    expect(partsOf('array', `[${[long, half, half, long].join()}]`)).toEqual([long, half, half, long])
  })

  test('of lines are the lines that are not empty', () => {
    expect(partsOf('lines', '{"id":1}\n{"id":2}\n')).toEqual(['{"id":1}', '{"id":2}'])
    expect(partsOf('lines', '{}')).toEqual(['{}'])
    expect(partsOf('lines', '{"id":1}', '\n{"id":2}')).toEqual(['{"id":1}'])
  })
})

describe('requests that go together', () => {
  test('share frames as far as these may hold them', () => {
    expect(framesOf('one', '{}', 2, 100)).toEqual(['{}', '{}'])
    expect(framesOf('array', '{}', 5, 2)).toEqual(['[{},{}]', '[{},{}]', '[{}]'])
    expect(framesOf('lines', '{}', 3, 2)).toEqual(['{}\n{}', '{}'])
  })
})
