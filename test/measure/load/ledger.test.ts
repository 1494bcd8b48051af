import { describe, expect, test } from 'bun:test'
import { bodyOf, readBody } from './body.ts'
import { createLedger, type Ledger } from './ledger.ts'

const said = { '7': 3, '8': 1 }
const all: readonly Message[] = [
  ['7', 1],
  ['8', 1],
  ['7', 2],
  ['7', 3],
]

type Message = readonly [sender: string, ordinal: number]

describe('a ledger', () => {
  test('accepts each message once, in order', () => {
    const ledger = heard(all)
    expect(ledger.complete()).toBe(true)
    expect(ledger.account()).toEqual({ heard: 4, lost: 0, repeated: 0, foreign: 0 })
  })

  test('reports missing messages, at the end and in between', () => {
    expect(heard(all.slice(0, 3)).complete()).toBe(false)
    expect(heard(all.slice(0, 3)).account()).toMatchObject({ heard: 3, lost: 1 })
    expect(heard(all.filter(([, ordinal]) => ordinal !== 2)).account()).toMatchObject({ heard: 3, lost: 1 })
    expect(heard([]).account()).toMatchObject({ heard: 0, lost: 4 })
  })

  test('reports duplicates, and messages after a later one', () => {
    expect(heard([...all, ['7', 3]]).account()).toMatchObject({ heard: 5, lost: 0, repeated: 1 })
    expect(
      heard([
        ['8', 1],
        ['7', 2],
        ['7', 1],
        ['7', 3],
      ]).account(),
    ).toMatchObject({ heard: 4, lost: 1, repeated: 1 })
  })

  test('reports messages of unknown senders', () => {
    expect(heard([...all, ['9', 1], ['8', 2]]).account()).toMatchObject({ lost: 0, foreign: 2 })
  })

  test('finds a gap in dense numbers, and knows the last one', () => {
    const ledger = createLedger('dense', {})
    expect(ledger.last()).toBe(null)
    for (const number of [41, 42, 45]) ledger.count(number)
    expect(ledger.last()).toBe(45)
    expect(ledger.account()).toMatchObject({ lost: 2, repeated: 0 })
  })

  test('accepts gaps in numbers that only ascend, but no step back', () => {
    for (const numbers of ['dense', 'rising'] as const) {
      const ledger = createLedger(numbers, {})
      for (const number of [1, 2, 2, 1, 3]) ledger.count(number)
      expect(ledger.account()).toMatchObject({ lost: 0, repeated: 2 })
    }
    const ledger = createLedger('rising', {})
    for (const number of [1, 5]) ledger.count(number)
    expect(ledger.account()).toMatchObject({ lost: 0, repeated: 0 })
  })
})

test('a body contains its sender, its number and its time; other texts are ignored', () => {
  const message = { sender: '7', ordinal: 12, at: 1_795_271_631_018 }
  expect(readBody(bodyOf(message))).toEqual(message)
  for (const text of ['', 'Hello', '7.12 Hello', 'a7.12.3 Hello']) expect(readBody(text)).toBe(null)
})

function heard(messages: readonly Message[]): Ledger {
  const ledger = createLedger('rising', said)
  for (const [sender, ordinal] of messages) ledger.hear(sender, ordinal)
  return ledger
}
