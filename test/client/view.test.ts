import { describe, expect, test } from 'bun:test'
import { ParleyError } from '../../src/client/index.ts'
import {
  type Action,
  type Pending,
  reduce,
  snapshotOf,
  unreadOf,
  type ViewState,
} from '../../src/client/view/index.ts'
import type { RoomFrame, Subscribed } from '../../src/client/wire.ts'
import { ME, openView, ROOM, RoomModel, user } from './support/room-model.ts'

describe('a subscription', () => {
  test('is live only when everything has come', () => {
    const model = new RoomModel()
    model.say(2)
    const subscribed = answered(
      openView(10),
      { room: ROOM, mode: 'live', head: 3, snapshot: null },
      model.snapshot(5),
    )
    expect(snapshotOf(subscribed).status).toBe('catching_up')
    expect(frame(subscribed, { type: 'live', room: ROOM, seq: 1 }).phase).toBe('live')
    expect(frame(subscribed, { type: 'live', room: ROOM, seq: 2 }).phase).toBe('behind')
  })

  test('is made again where a heartbeat tells of more, but not while it is being made', () => {
    const { state } = liveView()
    expect(reduce(state, { type: 'head', head: 0 }).phase).toBe('live')
    const behind = reduce(state, { type: 'head', head: 1 })
    expect(behind.phase).toBe('behind')
    const subscribing = reduce(behind, { type: 'subscribing' })
    expect(reduce(subscribing, { type: 'head', head: 5 })).toBe(subscribing)
  })

  test('that is ended for a while is made again', () => {
    const { state } = liveView()
    expect(frame(state, { type: 'unsubscribed', room: ROOM, reason: 'try_again' }).phase).toBe('behind')
  })

  test.each([
    ['left', [], 'left'],
    ['room_deleted', [], 'room_deleted'],
    ['left', ['removed'], 'removed'],
  ] as const)('that is ended as %s, membership %j, is over: %s', (reason, changes, expected) => {
    const { state } = liveView()
    const frames: RoomFrame[] = [
      { type: 'unsubscribed', room: ROOM, reason },
      ...changes.map((change) => membership(change)),
    ]
    for (const order of [frames, frames.toReversed()]) {
      const ended = order.reduce((before, each) => frame(before, each), state)
      expect(ended.ended).toEqual({ reason: expected, error: null })
      expect(snapshotOf(ended).status).toBe('ended')
      const again = reduce(ended, { type: 'open' })
      expect(again).toMatchObject({ phase: 'behind', ended: null, position: null })
    }
  })

  test('that is refused is over', () => {
    const error = new ParleyError('forbidden', 'no')
    const ended = reduce(openView(10), { type: 'refused', error })
    expect(snapshotOf(ended).ended).toEqual({ reason: 'refused', error })
  })

  test("of another user's shows nothing of the first one's", () => {
    const { model, state } = liveView()
    model.say(2)
    const other = reduce(frame(state, model.events[0]), { type: 'user', me: 2, pending: [] })
    expect(other).toMatchObject({ me: 2, phase: 'behind', position: null, room: null })
    expect(other.window.messages).toEqual([])
  })
})

describe('unread messages', () => {
  test('are counted up to a thousand, and a thousand less one is not guessed', () => {
    const model = new RoomModel()
    for (let i = 0; i < 1200; i++) model.say(2)
    const state = live(model, 50)
    expect(unreadOf(state)).toEqual({ count: 1000, exact: true })
    model.say(2)
    const more = frame(state, model.events.at(-1))
    expect(unreadOf(more)).toEqual({ count: 1000, exact: true })
    model.delete(0)
    const fewer = frame(more, model.events.at(-1))
    expect(unreadOf(fewer)).toEqual({ count: 1000, exact: true })
    model.delete(1)
    const unsure = frame(fewer, model.events.at(-1))
    expect(unreadOf(unsure).exact).toBe(false)
    const told = reduce(unsure, { type: 'marked', data: model.figures() })
    expect(unreadOf(told)).toEqual({ count: 1000, exact: true })
  })

  test('are not guessed where another device has read up to somewhere before the window', () => {
    const model = new RoomModel()
    for (let i = 0; i < 10; i++) model.say(2)
    const state = live(model, 3)
    expect(unreadOf(state)).toEqual({ count: 10, exact: true })
    const read = frame(state, { type: 'marks', room: ROOM, user: ME, read_seq: 5, delivered_seq: 5 })
    expect(unreadOf(read).exact).toBe(false)
    const further = frame(state, { type: 'marks', room: ROOM, user: ME, read_seq: 8, delivered_seq: 8 })
    expect(unreadOf(further)).toEqual({ count: 2, exact: true })
  })

  test('of a moment that the view has not reached are kept for then', () => {
    const { model, state } = liveView()
    model.say(2)
    model.say(2)
    const told = reduce(state, { type: 'marked', data: model.figures() })
    expect(unreadOf(told)).toEqual({ count: 0, exact: true })
    expect(unreadOf(frame(told, model.events[0]))).toEqual({ count: 1, exact: true })
  })
})

describe('messages that were marked as unread on another device', () => {
  const entry = (read: number, isUnread: boolean): Action => ({
    type: 'own_mark',
    entry: { read_seq: read, marked_unread: isUnread },
  })
  const marks = (read: number): RoomFrame => ({
    ...{ type: 'marks', room: ROOM, user: ME, read_seq: read, delivered_seq: read },
  })

  test('are read again as far as marks say, whichever comes first', () => {
    const model = new RoomModel()
    for (let said = 0; said < 9; said++) model.say(2)
    const unread = reduce(frame(liveView(model).state, marks(5)), entry(2, true))
    expect(unread.readSeq).toBe(2)
    expect(frame(unread, marks(7)).readSeq).toBe(2)
    const read = reduce(unread, entry(6, false))
    expect(read.readSeq).toBe(6)
    expect(frame(read, marks(7)).readSeq).toBe(7)
    expect(reduce(frame(unread, marks(7)), entry(6, false)).readSeq).toBe(7)
  })
})

test('a restraint of anyone changes when the room was updated', () => {
  const { model, state } = liveView()
  const at = '2026-12-01T12:00:00.000Z'
  for (const who of [ME, 2]) {
    for (const change of ['muted', 'unmuted', 'banned', 'unbanned'] as const) {
      const place = { room: ROOM, seq: model.head + 1 }
      const event: RoomFrame = {
        ...{ type: 'restraint', ...place, change, user: user(who), actor: user(3), until: null, at },
      }
      const { room } = snapshotOf(frame(state, event))
      expect(room?.updated_at).toBe(at)
      expect(room?.muted).toEqual(who === ME && change === 'muted' ? { until: null } : undefined)
    }
  }
})

describe('older messages', () => {
  test('are as they were changed since their page was read', () => {
    const { model, state, page } = withPage()
    model.edit(1)
    const edited = frame(state, model.events.at(-1))
    const older = reduce(edited, { type: 'older', page })
    expect(older.window.messages).toEqual(model.messages.slice(1))
  })

  test('of a page that is older than the changes that are remembered are not shown', () => {
    const model = new RoomModel()
    for (let i = 0; i < 120; i++) model.say(2)
    const state = live(model, 1)
    const page = model.older(state.window.from, 1)
    for (let i = 0; i < 110; i++) model.edit(i)
    const changed = model.events.slice(120).reduce((before, event) => frame(before, event), state)
    expect(changed.window.below).toHaveLength(100)
    expect(reduce(changed, { type: 'older', page })).toBe(changed)
    const fresh = model.older(changed.window.from, 1)
    expect(reduce(changed, { type: 'older', page: fresh }).window.messages).toEqual(model.messages.slice(-2))
  })

  test('stay when newer ones come, which push out no more than was let in', () => {
    const { model, state } = withPage(4)
    const before = reduce(state, { type: 'older', page: model.older(state.window.from, 2) })
    expect(before.window.messages).toHaveLength(5)
    model.say(2)
    expect(frame(before, model.events.at(-1)).window.messages).toEqual(model.messages.slice(-5))
  })
})

describe('what is of the moment', () => {
  test('typing ends by itself, by a word of it, by a message, and by leaving', () => {
    const { model, state } = liveView()
    model.join(2)
    const joined = frame(state, model.events.at(-1))
    const typing = frame(
      joined,
      { type: 'typing', room: ROOM, user: user(2), typing: true, expires_in_ms: 6000 },
      100,
    )
    expect(snapshotOf(typing).typing).toEqual([user(2)])
    expect(reduce(typing, { type: 'tick', now: 6099 })).toBe(typing)
    expect(reduce(typing, { type: 'tick', now: 6100 }).typing).toEqual([])
    const stopped = frame(typing, {
      type: 'typing',
      room: ROOM,
      user: user(2),
      typing: false,
      expires_in_ms: 0,
    })
    expect(stopped.typing).toEqual([])
    expect(reduce(typing, { type: 'link', link: 'offline' }).typing).toEqual([])
    const { head } = model
    model.say(2)
    expect(frame(typing, model.events[head]).typing).toEqual([])
    model.events.length = head
    model.leave(2)
    expect(frame(typing, model.events[head]).typing).toEqual([])
  })

  test('typing of someone whose joining was compacted away ends by leaving, too', () => {
    const { model, state } = liveView()
    const { head } = model
    model.join(2)
    model.leave(2)
    const left = model.events[head + 1]
    const typing = frame(
      state,
      { type: 'typing', room: ROOM, user: user(2), typing: true, expires_in_ms: 6000 },
      100,
    )
    expect(typing.members?.has(2)).toBe(false)
    const events = left ? [left] : []
    expect(
      frame(typing, { type: 'changes', room: ROOM, after: head, to: model.head, events }).typing,
    ).toEqual([])
  })

  test('the own mute is in the room, until the user is unmuted or becomes the owner', () => {
    const { model, state } = liveView()
    const at = new Date(0).toISOString()
    const facts = { room: ROOM, user: user(ME), actor: user(2), at }
    const muted = { ...facts, type: 'restraint', change: 'muted', until: null, seq: model.head + 1 } as const
    const silent = frame(state, muted)
    expect(silent.room?.muted).toEqual({ until: null })
    const lifted = frame(silent, { ...muted, change: 'unmuted', seq: model.head + 2 })
    expect(lifted.room?.muted).toBeUndefined()
    const role = { ...facts, type: 'member', change: 'role', seq: model.head + 2 } as const
    expect(frame(silent, { ...role, role: 'admin' }).room?.muted).toEqual({ until: null })
    expect(frame(silent, { ...role, role: 'owner' }).room?.muted).toBeUndefined()
  })

  test('nobody sees themselves typing', () => {
    const { state } = liveView()
    const own: RoomFrame = { type: 'typing', room: ROOM, user: user(ME), typing: true, expires_in_ms: 6000 }
    expect(frame(state, own)).toBe(state)
  })

  test('who is online comes with the state, changes, and is unknown without a connection', () => {
    const model = new RoomModel()
    model.join(2)
    const { state } = liveView(model)
    expect(state.online).toEqual(new Set([ME]))
    const two = frame(state, presence(2, true))
    expect(snapshotOf(two)).toMatchObject({ online: new Set([ME, 2]), onlineCount: 2 })
    expect(frame(two, presence(2, false)).online).toEqual(new Set([ME]))
    expect(snapshotOf(reduce(two, { type: 'link', link: 'offline' }))).toMatchObject({ onlineCount: 0 })
  })

  test('only members are shown as online, whatever arrives before they join or after they leave', () => {
    const model = new RoomModel()
    const { state } = liveView(model)
    const early = frame(state, presence(2, true))
    expect(snapshotOf(early)).toMatchObject({ online: new Set([ME]), onlineCount: 1 })
    model.join(2)
    const joined = frame(early, model.events.at(-1))
    expect(snapshotOf(joined)).toMatchObject({ online: new Set([ME, 2]), onlineCount: 2 })
    model.leave(2)
    const late = frame(frame(joined, model.events.at(-1)), presence(2, true))
    expect(snapshotOf(late)).toMatchObject({ online: new Set([ME]), onlineCount: 1 })
    const told = model.state()
    if (told.type !== 'state') throw new Error('not the state')
    const stale = frame(late, { ...told, online: [ME, 2], online_count: 2 })
    expect(snapshotOf(stale)).toMatchObject({ online: new Set([ME]), onlineCount: 1 })
  })

  test('of large rooms there are counts alone', () => {
    const model = new RoomModel()
    const { state } = liveView(model)
    const told = model.state()
    if (told.type !== 'state') throw new Error('not the state')
    const large = frame(state, { ...told, marks: null, online: null, online_count: 500 })
    expect(snapshotOf(large)).toMatchObject({ members: null, memberCount: 1, online: null, onlineCount: 500 })
    model.join(2)
    expect(frame(large, model.events.at(-1)).memberCount).toBe(2)
    expect(frame(large, presence(2, true)).onlineCount).toBe(500)
  })
})

describe('a message of my own', () => {
  const entry: Pending = {
    clientId: 'mine',
    body: 'Hi',
    kind: 'text',
    replyTo: null,
    queuedAt: 0,
    status: 'queued',
    seq: null,
    error: null,
  }

  test('is pending until its event comes, before its answer or after', () => {
    const { model, state } = liveView()
    const queued = reduce(state, { type: 'queued', entry })
    model.say(ME, 'mine')
    const sent: Action = { type: 'sending', clientId: 'mine', change: { status: 'sent', seq: 1 } }
    expect(reduce(queued, sent).pending).toMatchObject([{ status: 'sent' }])
    expect(frame(reduce(queued, sent), model.events[0]).pending).toEqual([])
    expect(reduce(frame(queued, model.events[0]), sent).pending).toEqual([])
  })

  test("is not taken for another user's with the same key", () => {
    const { model, state } = liveView()
    model.say(2, 'mine')
    expect(frame(reduce(state, { type: 'queued', entry }), model.events[0]).pending).toHaveLength(1)
  })

  test('is not pending once a snapshot has it, or is beyond it', () => {
    const { model, state } = liveView()
    const queued = reduce(state, { type: 'queued', entry })
    model.say(ME, 'mine')
    const again = reduce(queued, { type: 'head', head: 1 })
    expect(answered(again, model.snapshot(5)).pending).toEqual([])
    const sent = reduce(again, { type: 'sending', clientId: 'mine', change: { status: 'sent', seq: 1 } })
    expect(answered(sent, model.snapshot(0)).pending).toEqual([])
  })

  test('that has failed stays until it is dismissed', () => {
    const { state } = liveView()
    const change = { status: 'failed', error: new ParleyError('forbidden', 'no') } as const
    const failed = reduce(reduce(state, { type: 'queued', entry }), {
      type: 'sending',
      clientId: 'mine',
      change,
    })
    expect(failed.pending).toMatchObject([{ status: 'failed', error: { code: 'forbidden' } }])
    expect(reduce(failed, { type: 'dismissed', clientId: 'mine' }).pending).toEqual([])
  })

  test('that has failed is one of fifty at most', () => {
    let { state } = liveView()
    for (let i = 0; i < 60; i++) {
      const clientId = `mine ${i}`
      state = reduce(state, { type: 'queued', entry: { ...entry, clientId } })
      state = reduce(state, { type: 'sending', clientId, change: { status: 'failed' } })
    }
    expect(state.pending.map(({ clientId }) => clientId)).toEqual(
      Array.from({ length: 50 }, (_, i) => `mine ${i + 10}`),
    )
  })
})

function liveView(model = new RoomModel()) {
  return { model, state: live(model, 50) }
}

/** A view with the latest three of five messages, and the page before it. */
function withPage(maxMessages = 100) {
  const model = new RoomModel()
  for (let i = 0; i < 5; i++) model.say(2)
  const state = live(model, 3, maxMessages)
  return { model, state, page: model.older(state.window.from, 1) }
}

function live(model: RoomModel, limit: number, maxMessages = 100): ViewState {
  const subscribed = answered(openView(maxMessages), model.snapshot(limit))
  return frame(frame(subscribed, { type: 'live', room: ROOM, seq: model.head }), model.state())
}

/** @param data the answer to a subscription, and to the one before it */
function answered(state: ViewState, data: Subscribed, before?: Subscribed): ViewState {
  const started = before ? answered(state, before) : state
  const behind = reduce(started, { type: 'behind' })
  return reduce(reduce(behind, { type: 'subscribing' }), { type: 'subscribed', data })
}

function frame(state: ViewState, received: RoomFrame | undefined, now = 0): ViewState {
  if (!received) throw new Error('no frame')
  return reduce(state, { type: 'frame', frame: received, now })
}

function membership(change: 'removed'): RoomFrame {
  return { type: 'membership', room: ROOM, change, role: null, actor: user(2) }
}

function presence(id: number, online: boolean): RoomFrame {
  return { type: 'presence', room: ROOM, user: user(id), online, last_seen: null }
}
