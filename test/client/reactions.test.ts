// What a view makes of events about reactions, in whichever order pages and frames come.
import { describe, expect, test } from 'bun:test'
import { emptyView, reduce, snapshotOf, type ViewState } from '../../src/client/view/index.ts'
import type { Message, ReactionEvent } from '../../src/client/wire.ts'

const ME = 1
const AT = '2026-02-13T10:00:00.000Z'
const sender = { id: 2, username: 'bob' }

function message(seq: number, more: Partial<Message> = {}): Message {
  const never = { version: null, reply_to: null, edited_at: null, deleted_at: null }
  return {
    id: seq,
    room: 7,
    seq,
    sender,
    client_id: `k${seq}`,
    kind: 'text',
    body: 'words',
    created_at: AT,
    ...never,
    ...more,
  }
}

function event(
  seq: number,
  about: number,
  count: number,
  added: number[],
  removed: number[] = [],
): ReactionEvent {
  const reactions = count === 0 ? [] : [{ reaction: '👍', count, users: [sender] }]
  return {
    type: 'reaction',
    room: 7,
    seq,
    message: about,
    reactions,
    changed: [{ reaction: '👍', added, removed }],
    at: AT,
  }
}

/** A view at number 20 that shows the messages from 11 to 20. */
function shown(): ViewState {
  const view = emptyView(7, ME, 100)
  const messages = Array.from({ length: 10 }, (_, n) => message(n + 11))
  const window = { ...view.window, from: 11, messages, belowSince: 20 }
  return { ...view, phase: 'live', link: 'ready', position: 20, window }
}

function after(
  state: ViewState,
  ...frames: readonly (
    | ReactionEvent
    | { type: 'edited' | 'deleted'; room: number; seq: number; message: Message }
  )[]
) {
  return frames.reduce((now, frame) => reduce(now, { type: 'frame', frame, now: 0 }), state)
}

const reactionsTo = (state: ViewState, seq: number) =>
  snapshotOf(state).messages.find((each) => each.seq === seq)?.reactions

describe('events about reactions', () => {
  test('replace what was known, and say whether the user is among the users', () => {
    const one = after(shown(), event(21, 12, 2, [ME, 2]))
    expect(reactionsTo(one, 12)).toEqual([{ reaction: '👍', count: 2, users: [sender], own: true }])
    const two = after(one, event(22, 12, 3, [3]))
    expect(reactionsTo(two, 12)).toMatchObject([{ count: 3, own: true }])
    const three = after(two, event(23, 12, 2, [], [ME]))
    expect(reactionsTo(three, 12)).toMatchObject([{ count: 2, own: false }])
    expect(snapshotOf(after(three, event(24, 12, 0, [], [2, 3]))).messages[1]).toEqual(message(12))
  })

  test('an edit keeps them, a deletion does not', () => {
    const one = after(shown(), event(21, 12, 1, [ME]))
    const edited = after(one, {
      type: 'edited',
      room: 7,
      seq: 22,
      message: message(12, { version: 22, body: 'other' }),
    })
    expect(reactionsTo(edited, 12)).toMatchObject([{ own: true }])
    const gone = message(12, { version: 23, body: '', deleted_at: AT })
    const deleted = after(edited, { type: 'deleted', room: 7, seq: 23, message: gone }, event(24, 12, 1, []))
    expect(reactionsTo(deleted, 12)).toBeUndefined()
  })

  test('an older page has those that came after it was read, and no earlier ones', () => {
    const state = after(shown(), event(21, 5, 1, [ME]), event(22, 6, 1, [ME]), event(23, 5, 0, [], [ME]))
    const own = [{ reaction: '👍', count: 1, users: [sender], own: true }]
    const messages = [message(5, { reactions: own }), message(6, { reactions: own })]
    const page = { before: 11, messages, hasOlder: false, head: 22 }
    const older = reduce(state, { type: 'older', page })
    expect([reactionsTo(older, 5), reactionsTo(older, 6)]).toEqual([undefined, own])
  })
})

describe("the user's own reactions", () => {
  const entry = { request: 1, message: 12, reaction: '👍', on: true, me: ME, shownAt: null }
  const asked = reduce(shown(), { type: 'reacting', entry })

  test('are shown at once, once, and after the event as it says', () => {
    expect(reactionsTo(asked, 12)).toEqual([{ reaction: '👍', count: 1, users: [], own: true }])
    const told = after(asked, event(21, 12, 2, [2, ME]))
    expect(reactionsTo(told, 12)).toMatchObject([{ count: 2, own: true }])
    const answered = reduce(told, { type: 'reacted', request: 1, change: { shownAt: 21 } })
    expect(answered.reacting).toEqual([])
    expect(reactionsTo(answered, 12)).toMatchObject([{ count: 2, own: true }])
  })

  test('join those of others in another spelling of the same emoji', () => {
    const others = after(shown(), event(21, 12, 1, [2]))
    const spelled = { ...entry, reaction: '👍\ufe0f' }
    const both = reduce(others, { type: 'reacting', entry: spelled })
    expect(reactionsTo(both, 12)).toMatchObject([{ reaction: '👍', count: 2, own: true }])
  })

  test('are taken back if they are refused', () => {
    expect(reactionsTo(reduce(asked, { type: 'unreacted', request: 1 }), 12)).toBeUndefined()
  })

  test('that are removed vanish at once', () => {
    const one = after(shown(), event(21, 12, 1, [ME]))
    expect(reactionsTo(reduce(one, { type: 'reacting', entry: { ...entry, on: false } }), 12)).toBeUndefined()
  })
})
