import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { errorFrame } from '../../../src/api/v1/errors.ts'
import { codec, historyFrame, messageBody, parseFrame } from '../../../src/api/v1/frames.ts'
import { isId, type Message } from '../../../src/core/index.ts'
import { parse } from '../support/shape.ts'
import { ErrorFrame, HistoryFrame, MessageShape, SystemFrame } from '../support/v1-shapes.ts'

/** Text as a client may have it, half surrogate pairs included. */
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.array(fc.nat(0xffff)).map((units) => String.fromCharCode(...units)),
)

describe('reading a frame', () => {
  test('never throws, for any input', () => {
    fc.assert(
      fc.property(fc.oneof(text, fc.json()), (raw) => {
        const parsed = parseFrame(raw)
        if (typeof parsed === 'string') expect(parsed).not.toBe('')
        else expect([typeof parsed.content, typeof parsed.user_id]).toEqual(['string', 'string'])
      }),
      { numRuns: 2000 },
    )
  })

  test('never throws on JSON with the right keys and anything in them', () => {
    const keys = {
      type: fc.oneof(fc.constant('text'), fc.jsonValue()),
      content: fc.jsonValue(),
      user_id: fc.jsonValue(),
    }
    fc.assert(
      fc.property(fc.record(keys, { requiredKeys: [] }), (frame) => {
        const good =
          frame.type === 'text' && typeof frame.content === 'string' && typeof frame.user_id === 'string'
        expect(typeof parseFrame(JSON.stringify(frame)) === 'object').toBe(good)
      }),
      { numRuns: 1000 },
    )
  })

  test('returns what the client wrote', () => {
    fc.assert(
      fc.property(text, text, fc.dictionary(fc.string(), fc.jsonValue()), (content, user_id, extra) => {
        const parsed = parseFrame(JSON.stringify({ ...extra, type: 'text', content, user_id }))
        if (typeof parsed === 'string') throw new Error(parsed)
        expect(parsed.content).toBe(content)
        expect(parsed.user_id).toBe(user_id)
      }),
      { numRuns: 1000 },
    )
  })

  test('survives deep nesting', () => {
    for (const open of ['[', '{"a":', '{"type":{"content":']) {
      expect(typeof parseFrame(open.repeat(60_000 / open.length))).toBe('string')
    }
    const deep = `{"type":"text","content":"x","user_id":"1","a":${'['.repeat(20_000)}${']'.repeat(20_000)}}`
    expect(parseFrame(deep)).toBe('The frame is nested more than 64 levels deep')
  })
})

describe('writing a frame', () => {
  const id = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }).filter(isId)
  const time = fc.date({ min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true })
  const kind = fc.stringMatching(/^[a-z][a-z0-9_-]{0,31}$/)
  const message: fc.Arbitrary<Message> = fc.record({
    id,
    roomId: id,
    seq: id,
    versionSeq: fc.constant(null),
    sender: fc.record({ id, username: fc.string() }),
    clientId: fc.string(),
    kind: fc.oneof(kind, fc.constantFrom('text', 'system', 'history', 'error')),
    body: text,
    replyTo: fc.constant(null),
    details: fc.constant(null),
    root: fc.constant(null),
    thread: fc.constant(null),
    inRoom: fc.constant(true),
    createdAt: time,
    editedAt: fc.constant(null),
    deletedAt: fc.constant(null),
  })

  test('a message has the documented shape, with ids and text unchanged', () => {
    fc.assert(
      fc.property(message, (sent) => {
        const frame = codecText({ type: 'message', roomId: sent.roomId, seq: sent.seq, message: sent })
        const read = parse(MessageShape, JSON.parse(frame))
        expect([Number(read.id), Number(read.room_id), Number(read.user_id)]).toEqual([
          sent.id,
          sent.roomId,
          sent.sender.id,
        ])
        expect(read.content).toBe(sent.body)
        expect(new Date(read.created_at)).toEqual(sent.createdAt)
        // Else a client would take the message for another kind of frame.
        expect(['history', 'system', 'error']).not.toContain(read.type)
        expect(messageBody(sent)).toEqual(read)
      }),
    )
  })

  test('a history has the messages in order', () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 10 }), (messages) => {
        const read = parse(HistoryFrame, JSON.parse(historyFrame(messages)))
        expect(read.messages).toEqual(messages.map(messageBody))
      }),
    )
  })

  test('a notice names the user and says when', () => {
    fc.assert(
      fc.property(id, fc.string({ minLength: 1 }), time, (someone, username, at) => {
        for (const type of ['arrived', 'departed'] as const) {
          const signal = { type, roomId: someone, user: { id: someone, username }, at }
          const frame = codec.signal(signal, label(someone))
          const read = parse(SystemFrame, JSON.parse(frame ?? 'null'))
          expect(read.content).toBe(`User ${username} ${type === 'arrived' ? 'joined' : 'left'} the chat`)
          expect(new Date(read.timestamp)).toEqual(at)
        }
      }),
    )
  })

  test('an error contains its text', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 3 }), (detail) => {
        expect(parse(ErrorFrame, JSON.parse(errorFrame(detail))).detail).toBe(detail)
      }),
    )
  })

  function codecText(event: Parameters<typeof codec.event>[0]): string {
    const frame = codec.event(event, label(event.roomId))
    if (frame === null) throw new Error('a message is shown')
    return frame
  }

  function label(id: Message['roomId']) {
    return { id, name: 'a room' }
  }
})
