import { expect, test } from 'bun:test'
import { type Evidence, judge, type Sending, type Viewing } from './oracle.ts'
import type { WireMessage } from './wire.ts'

/** What everything is as it must be, before each test spoils one thing. */
const stored = ['a', 'b', 'c', 'd'].map((text, index) => message(String(index + 1), text))
const sendings = stored.map(({ content }) => sending(content))

test('finds nothing if everything is correct', () => {
  expect(verdict({})).toEqual([])
  expect(verdict({ viewings: [viewing(stored), viewing(stored.slice(0, 2), { stayed: false })] })).toEqual([])
  const lost = sending('e', { acked: false })
  expect(verdict({ sendings: [...sendings, lost] })).toEqual([])
})

test('finds an acknowledged message that is not stored, and a stored one that nobody sent', () => {
  expect(verdict({ sendings: [...sendings, sending('e')] })).toEqual([
    'e was acknowledged, but is not stored',
  ])
  expect(verdict({ sendings: sendings.slice(1) })).toEqual(['a is stored, but nobody sent it'])
})

test('finds a message stored twice, with the wrong sender or in the wrong room', () => {
  const [first] = stored
  if (first === undefined) throw new Error('nothing is stored')
  expect(verdict({ stored: [...stored, { ...first, id: '9' }] })).toContain('a is stored twice')
  expect(verdict({ stored: [...stored, { ...first, content: 'e' }] })).toContain('the id 1 is given twice')
  expect(verdict({ sendings: sendings.with(0, sending('a', { sender: 'other' })) })).toEqual([
    "a is stored as user's in room room",
  ])
  expect(verdict({ sendings: sendings.with(0, sending('a', { room: 'other' })) })).toEqual([
    "a is stored as user's in room room",
  ])
})

test('finds messages stored in another order than sent', () => {
  const turned = stored.toSpliced(1, 2, ...stored.slice(1, 3).reverse())
  const said = 'b was sent before c, but is stored after it'
  expect(verdict({ stored: turned })).toContain(said)
  // By two ways the order counts only where the first was acknowledged.
  const by = (way: string, acked: boolean) => sendings.with(1, sending('b', { way, acked }))
  expect(verdict({ stored: turned, sendings: by('other', true) })).toEqual([said])
  expect(verdict({ stored: turned, sendings: by('other', false) })).toEqual([])
  expect(verdict({ stored: turned, sendings: by('way', false) })).toEqual([said])
})

test('finds a connection that received a gap, a duplicate, another text or a message that is not stored', () => {
  const [a, b, c, d] = stored
  if (!a || !b || !c || !d) throw new Error('not enough is stored')
  const shown = (...messages: WireMessage[]) => verdict({ viewings: [viewing(messages)] })
  expect(shown(a, b, d)).toEqual(['viewer in room room was shown d in the place of c'])
  expect(shown(a, b, b, c, d)).toEqual(['viewer in room room was shown b in the place of c'])
  expect(shown(a, { ...b, content: 'B' }, c, d)).toEqual([
    'viewer in room room was shown B in the place of b',
  ])
  expect(shown(b, c, d)).toEqual(['viewer in room room was shown b in the place of a'])
  const elsewhere = viewing([message('7', 'x')], { history: 50 })
  expect(verdict({ viewings: [elsewhere] })).toEqual([
    'viewer in room room was first shown x, which is not stored',
  ])
})

test('finds a connection that stayed but did not receive the end, or no history at all', () => {
  const short = stored.slice(0, 3)
  expect(verdict({ viewings: [viewing(short)] })).toEqual([
    'viewer in room room was not shown the last 1 messages',
  ])
  expect(verdict({ viewings: [viewing([])] })).toEqual([
    'viewer in room room was not shown the last 4 messages',
  ])
  expect(verdict({ viewings: [viewing([], { history: null })] })).toEqual([
    'viewer in room room was not shown the history first',
  ])
})

function verdict(change: {
  sendings?: readonly Sending[]
  viewings?: readonly Viewing[]
  stored?: readonly WireMessage[]
}): string[] {
  const evidence: Evidence = {
    sendings: change.sendings ?? sendings,
    viewings: change.viewings ?? [],
    stored: new Map([['room', change.stored ?? stored]]),
  }
  return judge(evidence)
}

function message(id: string, content: string): WireMessage {
  return { id, room_id: 'room', user_id: 'user', content, type: 'text', created_at: '2024-04-01T12:00:00Z' }
}

function sending(text: string, change: Partial<Sending> = {}): Sending {
  return { room: 'room', sender: 'user', way: 'way', text, acked: true, ...change }
}

function viewing(messages: readonly WireMessage[], change: Partial<Viewing> = {}): Viewing {
  return { room: 'room', viewer: 'viewer', history: 0, messages: [...messages], stayed: true, ...change }
}
