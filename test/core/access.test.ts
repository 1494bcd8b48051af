import { describe, expect, test } from 'bun:test'
import {
  type AccessFacts,
  type Action,
  allows,
  ChatError,
  type Role,
  type RoomKind,
  requireAllowed,
} from '../../src/core/index.ts'
import { room } from './fakes/values.ts'

const places = ['owner', 'admin', 'member', 'invited', 'outsider'] as const

/*
 * One letter a place, in the order above: y may do it; n may not; h may not, and is not to learn that the room exists.
 */
const open: Record<Action, string> = {
  see: 'yyyyy',
  read: 'yyyyy',
  send: 'yyynn',
  join: 'yyyyy',
  leave: 'yyynn',
  invite: 'yyynn',
  uninvite: 'yynnn',
  decline: 'nnnyn',
  remove: 'yynnn',
  promote: 'ynnnn',
  edit: 'yyynn',
  moderate: 'yynnn',
  address: 'yynnn',
  describe: 'yynnn',
  delete: 'ynnnn',
}
const closed: Record<Action, string> = {
  see: 'yyyyh',
  read: 'yyynh',
  send: 'yyynh',
  join: 'yyyyh',
  leave: 'yyynh',
  invite: 'yyynh',
  uninvite: 'yynnh',
  decline: 'nnnyh',
  remove: 'yynnh',
  promote: 'ynnnh',
  edit: 'yyynh',
  moderate: 'yynnh',
  address: 'yynnh',
  describe: 'yynnh',
  delete: 'ynnnh',
}
const direct: Record<Action, string> = {
  see: 'yyyhh',
  read: 'yyyhh',
  send: 'yyyhh',
  join: 'yyyhh',
  leave: 'nnnhh',
  invite: 'nnnhh',
  uninvite: 'nnnhh',
  decline: 'nnnhh',
  remove: 'nnnhh',
  promote: 'nnnhh',
  edit: 'yyyhh',
  moderate: 'nnnhh',
  address: 'yyyhh',
  describe: 'nnnhh',
  delete: 'nnnhh',
}
const expected: Record<RoomKind, Record<Action, string>> = {
  public: open,
  private: closed,
  game: closed,
  direct,
}

const rows = kinds().flatMap((kind) => actions().map((action) => [kind, action] as const))

describe('who may do what', () => {
  test.each(rows)('%s: %s', (kind, action) => {
    const outcomes = places.map((place) => outcome(action, accessFacts(kind, place)))
    expect(outcomes.join('')).toBe(expected[kind][action])
  })

  test('is the same when asked and when enforced', () => {
    for (const [kind, action] of rows) {
      for (const place of places) {
        const where = accessFacts(kind, place)
        expect(allows(action, where)).toBe(outcome(action, where) === 'y')
      }
    }
  })

  test('a member with a leftover invitation counts as a member', () => {
    const stale: AccessFacts = { ...accessFacts('private', 'member'), invited: true }
    expect(outcome('read', stale)).toBe('y')
  })

  test('a hidden room is refused with the same text as a missing one', () => {
    expect(() => requireAllowed('read', accessFacts('private', 'outsider'))).toThrow('Room not found')
  })
})

function outcome(action: Action, where: AccessFacts): 'y' | 'n' | 'h' {
  try {
    requireAllowed(action, where)
    return 'y'
  } catch (error) {
    if (!(error instanceof ChatError)) throw error
    if (error.kind === 'forbidden') return 'n'
    if (error.kind === 'hidden') return 'h'
    throw error
  }
}

function accessFacts(kind: RoomKind, place: (typeof places)[number]): AccessFacts {
  const role: Role | null = place === 'invited' || place === 'outsider' ? null : place
  return { room: room({ kind }), role, invited: place === 'invited' }
}

function kinds(): RoomKind[] {
  return ['public', 'private', 'game', 'direct']
}

function actions(): Action[] {
  return [
    'see',
    'read',
    'send',
    'join',
    'leave',
    'invite',
    'uninvite',
    'decline',
    'remove',
    'promote',
    'edit',
    'moderate',
    'address',
    'describe',
    'delete',
  ]
}
