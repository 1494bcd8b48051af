import { expect, test } from 'bun:test'
import { Voices } from '../../src/core/feed/voices.ts'
import type { RoomEvent } from '../../src/core/index.ts'
import { silencedBy } from '../../src/core/voice.ts'
import { id, seq } from './fakes/values.ts'

const soon = { until: new Date(Date.now() + 60_000) }
const past = { until: new Date(Date.now() - 1) }
const always = { until: null }

test.each([
  ['member', 'everyone', null, null],
  ['member', 'everyone', soon, 'muted'],
  ['member', 'staff', always, 'muted'],
  ['member', 'staff', past, 'posting_restricted'],
  ['member', 'everyone', past, null],
  ['admin', 'staff', null, null],
  ['admin', 'staff', always, 'muted'],
  ['owner', 'staff', always, null],
  ['member', 'nobody', null, 'blocked'],
] as const)('%s, where %s may post, muted %j: %p', (role, posting, mute, expected) => {
  expect(silencedBy({ role, posting, mute })).toBe(expected)
})

test('a member who becomes the owner is heard again, though no event tells of the end of their mute', () => {
  const user = { id: id(2), username: 'bob' }
  const facts = { roomId: id(7), user, actor: { id: id(1), username: 'ann' }, at: new Date() }
  const events: RoomEvent[] = [
    { ...facts, type: 'muted', seq: seq(2), until: null },
    { ...facts, type: 'role', seq: seq(3), role: 'owner' },
  ]
  const voices = new Voices()
  const voice = { role: 'member', posting: 'everyone', mute: null } as const
  voices.note(events.slice(0, 1))
  expect(voices.silences(user.id, voice, seq(1))).toBe(true)
  voices.note(events.slice(1))
  expect(voices.silences(user.id, voice, seq(1))).toBe(false)
})
