import { describe, expect, test } from 'bun:test'
import { type NumberPlace, Order } from './order.ts'

const places: { name: string; place: NumberPlace; of: (number: number) => string }[] = [
  {
    name: 'at the start',
    place: { label: '"seq":', from: 'start' },
    of: (number) => `{"room":7,"seq":${number},"message":{"seq":1}}`,
  },
  {
    name: 'at the end',
    place: { label: '"offset":', from: 'end' },
    of: (number) => `{"data":{"offset":1},"offset":${number}}}`,
  },
]

describe.each(places)('numbers $name', ({ place, of }) => {
  const noting = (how: 'note' | 'noteNext') => {
    const order = new Order(place)
    const note = (number: number) => {
      const bytes = Buffer.from(`x${of(number)}x`)
      order[how](bytes, 1, bytes.length - 1)
    }
    return { order, note }
  }

  test('are all of those from the first to the last', () => {
    const { order, note } = noting('noteNext')
    expect(order.span).toBe(0)
    for (const number of [98, 99, 100, 101]) note(number)
    expect(order.span).toBe(4)
    expect(() => note(103)).toThrow('number 103 came after 101')
  })

  test('may be noted now and then, but only upwards', () => {
    const { order, note } = noting('note')
    for (const number of [7, 12, 1000]) note(number)
    expect(order.span).toBe(994)
    expect(() => note(1000)).toThrow('number 1000 came after 1000')
  })
})

test('a message without a number is refused', () => {
  const order = new Order({ label: '"seq":', from: 'start' })
  const bytes = Buffer.from('{"room":7}')
  expect(() => order.note(bytes, 0, bytes.length)).toThrow('a message without a number')
})
