import { describe, expect, test } from 'bun:test'
import type { Message } from '../../../src/api/v2/wire/index.ts'
import { compare, type Evidence, type Row, type Stored } from './oracle.ts'
import type { Sending } from './sending.ts'

const AT = '2026-02-13T10:00:00.000Z'

describe('the oracle', () => {
  test('finds nothing if all is well, ignoring messages without acknowledgement', () => {
    expect(compare(evidence(), stored())).toEqual([])
    const unanswered = { ...sending('c'), acks: [] }
    expect(compare({ ...evidence(), sendings: [...evidence().sendings, unanswered] }, stored())).toEqual([])
  })

  test('finds acknowledged messages that are not stored, or elsewhere, or twice, or different', () => {
    const [a = row('a', 2), b = row('b', 3)] = stored().rows
    expect(found(stored([a]))).toContain('b was acknowledged, but is not stored')
    expect(found(stored([a, { ...b, seq: 4 }]))).toContainEqual(
      expect.stringMatching(/^b was acknowledged as/),
    )
    expect(found(stored([a, b, { ...b, seq: 4 }]))).toContain('b is stored 2 times')
    const [first = sending('a'), second = sending('b')] = evidence().sendings
    const twice = { ...second, acks: second.acks.flatMap((ack) => [ack, { ...ack, seq: 9 }]) }
    expect(found(stored(), { sendings: [first, twice] })).toContainEqual(
      expect.stringMatching(/^b was acknowledged in several ways/),
    )
  })

  test('finds messages that nobody sent, or that were sent elsewhere, or changed', () => {
    const [a = row('a', 2), b = row('b', 3)] = stored().rows
    expect(found(stored([a, b, row('x', 4)]))).toContain('x is stored, but nobody sent it')
    expect(found(stored([a, { ...b, room: 8 }]))).toContain('b is stored in the room 8, but was sent to 7')
    expect(found(stored([a, { ...b, body: 'x' }]))).toContain('b is stored as x')
    expect(found(stored([a, { ...b, body: 'x', version: 4 }]))).toContainEqual(
      expect.stringMatching(/^b was changed into x/),
    )
  })

  test('finds clients that lack a message, or have another one', () => {
    expect(found(stored(), { holdings: [holding(2, [message('a', 2)])] })).toEqual(['ann is at 2 of 3 in 7'])
    for (const messages of [
      [message('a', 2)],
      [message('a', 2), message('x', 3)],
      [message('a', 2), message('b', 3), message('x', 4)],
      [message('a', 2), { ...message('b', 3), deleted_at: AT }],
    ]) {
      expect(found(stored(), { holdings: [holding(3, messages)] })).toEqual([
        expect.stringMatching(/^ann holds \d of 2 messages of 7/),
      ])
    }
    expect(found(stored(), { holdings: [holding(3, [message('b', 3)], 3)] })).toEqual([])
    expect(found(stored(), { holdings: [holding(3, [message('x', 3)], 3)] })).toHaveLength(1)
  })
})

function found(held: Stored, more: Partial<Evidence> = {}): string[] {
  return compare({ ...evidence(), ...more }, held)
}

/** Two messages at 2 and 3, behind the joining at 1. */
function stored(rows = [row('a', 2), row('b', 3)]): Stored {
  return { rows, heads: new Map([[7, 3]]) }
}

function evidence(): Evidence {
  const acked = (body: string, seq: number) => {
    const ack = { room: 7, seq, message: seq * 100, client_id: `key ${body}`, created_at: AT }
    return { ...sending(body), acks: [ack, ack] }
  }
  return {
    sendings: [acked('a', 2), acked('b', 3)],
    holdings: [holding(3, [message('a', 2), message('b', 3)])],
  }
}

function sending(body: string): Sending {
  const open = {
    startedAt: 0,
    attempts: 1,
    acks: [],
    lost: [],
    refusals: [],
    ackedAfterMs: null,
    change: null,
  }
  return { room: 7, sender: 1, clientId: `key ${body}`, body, ...open }
}

function row(body: string, seq: number): Row {
  const [version, deleted] = [null, false]
  return {
    room: 7,
    seq,
    id: seq * 100,
    version,
    sender: 1,
    clientId: `key ${body}`,
    body,
    deleted,
    createdAt: AT,
  }
}

function message(body: string, seq: number): Message {
  const sender = { id: 1, username: 'ann' }
  const never = { version: null, reply_to: null, edited_at: null, deleted_at: null }
  const place = { id: seq * 100, room: 7, seq, client_id: `key ${body}` }
  return { ...place, ...never, sender, kind: 'text', body, created_at: AT }
}

function holding(position: number, messages: readonly Message[], from = 0): Evidence['holdings'][number] {
  const rules = { posting: 'everyone', slow_mode: 0 } as const
  const nothing = {
    members: new Map(),
    reactions: new Map(),
    threads: new Map(),
    pins: new Map(),
    description: '',
    avatar: '',
    rules,
  }
  return { who: 'ann', room: 7, state: { position, from, messages, ...nothing } }
}
