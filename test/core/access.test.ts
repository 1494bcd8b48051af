import { describe, expect, test } from 'bun:test'
import { isAbove } from '../../src/core/access.ts'
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

const places = ['owner', 'admin', 'member', 'invited', 'outsider', 'banned'] as const

/*
 * One letter a place, in the order above: y may do it; n may not; h may not, and is not to learn that the room exists.
 */
const open: Record<Action, string> = {
  see: 'yyyyyy',
  read: 'yyyyyn',
  send: 'yyynnn',
  join: 'yyyyyn',
  leave: 'yyynnn',
  invite: 'yyynnn',
  uninvite: 'yynnnn',
  decline: 'nnnynn',
  remove: 'yynnnn',
  promote: 'ynnnnn',
  edit: 'yyynnn',
  moderate: 'yynnnn',
  pin: 'yynnnn',
  address: 'yynnnn',
  describe: 'yynnnn',
  delete: 'ynnnnn',
  ban: 'yynnnn',
  regulate: 'yynnnn',
  report: 'yyynnn',
  audit: 'yynnnn',
}
const closed: Record<Action, string> = {
  see: 'yyyyhh',
  read: 'yyynhh',
  send: 'yyynhh',
  join: 'yyyyhh',
  leave: 'yyynhh',
  invite: 'yyynhh',
  uninvite: 'yynnhh',
  decline: 'nnnyhh',
  remove: 'yynnhh',
  promote: 'ynnnhh',
  edit: 'yyynhh',
  moderate: 'yynnhh',
  pin: 'yynnhh',
  address: 'yynnhh',
  describe: 'yynnhh',
  delete: 'ynnnhh',
  ban: 'yynnhh',
  regulate: 'yynnhh',
  report: 'yyynhh',
  audit: 'yynnhh',
}
const direct: Record<Action, string> = {
  see: 'yyyhhh',
  read: 'yyyhhh',
  send: 'yyyhhh',
  join: 'yyyhhh',
  leave: 'nnnhhh',
  invite: 'nnnhhh',
  uninvite: 'nnnhhh',
  decline: 'nnnhhh',
  remove: 'nnnhhh',
  promote: 'nnnhhh',
  edit: 'yyyhhh',
  moderate: 'nnnhhh',
  pin: 'yyyhhh',
  address: 'yyyhhh',
  describe: 'nnnhhh',
  delete: 'nnnhhh',
  ban: 'nnnhhh',
  regulate: 'nnnhhh',
  report: 'nnnhhh',
  audit: 'nnnhhh',
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

  test('someone who is banned is told so, and when the ban ends, if they may know of the room', () => {
    const until = new Date(Date.now() + 60_000)
    const ban = { ...accessFacts('public', 'banned'), ban: { until } }
    expect(problemOf(() => requireAllowed('read', ban))).toMatchObject({
      kind: 'forbidden',
      restraint: 'banned',
    })
    expect(problemOf(() => requireAllowed('read', ban)).retryAfterMs).toBeWithin(1, 60_001)
    expect(problemOf(() => requireAllowed('read', accessFacts('private', 'banned'))).kind).toBe('hidden')
  })

  test('an invitation does not let someone in who is banned', () => {
    expect(outcome('join', { ...accessFacts('private', 'banned'), invited: true })).toBe('h')
  })

  test('staff acts on those below: an admin on members, the owner on all others', () => {
    const roles = ['owner', 'admin', 'member', 'outsider'] as const
    const above = roles.map((one) =>
      roles.map((other) => isAbove(accessFacts('public', one), accessFacts('public', other))),
    )
    expect(above).toEqual([
      [false, true, true, true],
      [false, false, true, true],
      [false, false, false, false],
      [false, false, false, false],
    ])
  })

  test('a hidden room is refused with the same text as a missing one', () => {
    expect(() => requireAllowed('read', accessFacts('private', 'outsider'))).toThrow('Room not found')
  })
})

function problemOf(run: () => void): ChatError {
  try {
    run()
  } catch (error) {
    if (error instanceof ChatError) return error
    throw error
  }
  throw new Error('it is allowed')
}

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
  const role: Role | null = place === 'owner' || place === 'admin' || place === 'member' ? place : null
  const facts = { room: room({ kind }), role, invited: place === 'invited' }
  return place === 'banned' ? { ...facts, ban: { until: null } } : facts
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
    'ban',
    'regulate',
    'report',
    'audit',
  ]
}
