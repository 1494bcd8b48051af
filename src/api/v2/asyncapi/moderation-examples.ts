import type { ClientFrame, RestraintEvent, RulesEvent } from '../wire/index.ts'
import type { Examples, Results } from './example-types.ts'
import { alice, bob } from './story.ts'

/* The examples of moderation; a part of `examples.ts`. */

type Moderation = Extract<ClientFrame, { type: 'ban' | 'unban' | 'mute' | 'unmute' | 'report' }>

export const moderationRequests: Examples<Moderation> = {
  ban: [
    {
      summary: 'Bans user 2 for a day',
      payload: { type: 'ban', id: 13, room: 7, user: 2, reason: 'spam', until: '2026-02-14T10:00:00.000Z' },
    },
  ],
  unban: [{ summary: 'Lifts the ban of user 2', payload: { type: 'unban', id: 14, room: 7, user: 2 } }],
  mute: [
    {
      summary: 'Mutes user 2 until that is lifted',
      payload: { type: 'mute', id: 15, room: 7, user: 2, reason: 'shouting' },
    },
  ],
  unmute: [{ summary: 'Lifts the mute of user 2', payload: { type: 'unmute', id: 16, room: 7, user: 2 } }],
  report: [
    {
      summary: 'Reports message 43',
      payload: { type: 'report', id: 17, room: 7, seq: 43, reason: 'It is an advertisement' },
    },
  ],
}

export const moderationResults: Results<Moderation['type']> = {
  ban: [{ summary: 'Banned', payload: { type: 'result', id: 13, data: {} } }],
  unban: [{ summary: 'Not banned any more', payload: { type: 'result', id: 14, data: {} } }],
  mute: [{ summary: 'Muted', payload: { type: 'result', id: 15, data: {} } }],
  unmute: [{ summary: 'Not muted any more', payload: { type: 'result', id: 16, data: {} } }],
  report: [
    { summary: 'Reported', payload: { type: 'result', id: 17, data: { room: 7, seq: 43, report: 21 } } },
  ],
}

export const moderationFrames: Examples<RestraintEvent | RulesEvent> = {
  restraint: [
    {
      summary: 'Alice has muted Bob for an hour',
      payload: {
        type: 'restraint',
        room: 7,
        seq: 47,
        change: 'muted',
        user: bob,
        actor: alice,
        until: '2026-02-13T11:04:00.000Z',
        at: '2026-02-13T10:04:00.000Z',
      },
    },
  ],
  rules: [
    {
      summary: 'Only the staff may post from now on',
      payload: {
        type: 'rules',
        room: 7,
        seq: 48,
        actor: alice,
        posting: 'staff',
        slow_mode: 0,
        at: '2026-02-13T10:05:00.000Z',
      },
    },
  ],
}
