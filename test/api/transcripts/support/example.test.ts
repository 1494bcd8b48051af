import { describe, expect, test } from 'bun:test'
import { agrees, missingExamples } from './example.ts'

describe('an example', () => {
  test.each([
    ['its text', 'Hello!', 'Hello!'],
    ['an id that was a number', '<room 2>', 1],
    ['an id that was text', '<user 1 as text>', 'user123'],
    ['a time', '<time>', '2024-04-01T12:00:00Z'],
    ['a time of the direct chats', '<date and time>', '2025-05-02 10:45:30'],
    ['more keys', { id: '<room 1>', name: 'x', more: true }, { id: 7, name: 'x' }],
    ['more entries', [{ name: 'lobby' }, { name: 'x' }, { name: 'y' }], [{ name: 'x' }]],
    ['any error', { detail: 'Not found.' }, { detail: 'Error message here' }],
    ['null', { last_message: null }, { last_message: null }],
  ])('is found as %s', (_, recorded, example) => {
    expect(agrees(recorded, example)).toBe(true)
  })

  test.each([
    ['other text', 'Hello', 'Hello!'],
    ['an id of the other type', '<user 1 as text>', 1],
    ['an id of the other type', '<user 1>', 'user123'],
    ['an id of another thing', '<room 1 as text>', 'user123'],
    ['another number', 6, 5],
    ['a time in the other form', '<date and time>', '2024-04-01T12:00:00Z'],
    ['a time in the other form', '<time>', '2025-05-02 10:45:30'],
    ['a missing key', { id: '<room 1>' }, { id: 7, name: 'x' }],
    ['a list that is not empty', ['x'], []],
    ['a list in another order', ['b', 'a'], ['a', 'b']],
    ['an object for null', { last_message: {} }, { last_message: null }],
    ['nothing', undefined, {}],
  ])('is not found as %s', (_, recorded, example) => {
    expect(agrees(recorded, example)).toBe(false)
  })

  test('belongs to its request', () => {
    const transcript = [
      {
        request: { line: 'GET /api/v1/rooms/<room 1>' },
        response: { status: 200, body: { id: '<room 1 as text>' } },
      },
      { socket: 'a', opens: 'GET /ws/chat/my_room/', status: 101 },
      { socket: 'a', sends: { message: 'x' } },
    ]
    const here = [
      { request: 'GET /api/v1/rooms/{room_id}' },
      { answerTo: 'GET /api/v1/rooms/{room_id}', status: 200, body: { id: 'room123' } },
      { opens: 'GET /ws/chat/{room}/' },
      { sends: { message: 'x' } },
    ]
    const away = [
      { request: 'GET /api/v1/rooms' },
      { request: 'GET /api/v1/rooms/{room_id}', body: {} },
      { answerTo: 'GET /api/v1/rooms/{room_id}', status: 404, body: { id: 'room123' } },
      { receives: { message: 'x' } },
      { opens: 'GET /ws/chat/' },
    ]
    expect(missingExamples(here, transcript)).toEqual([])
    expect(missingExamples(away, transcript)).toHaveLength(away.length)
  })
})
