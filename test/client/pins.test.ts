// What a view makes of events about pins, in whichever order pages and frames come.
import { expect, test } from 'bun:test'
import { emptyView, reduce, snapshotOf, type ViewState } from '../../src/client/view/index.ts'
import type { Message, PinEvent, RoomEvent } from '../../src/client/wire.ts'

const AT = '2026-02-13T10:00:00.000Z'
const bob = { id: 2, username: 'bob' }
const pinned = { by: bob, at: AT }

function message(seq: number, more: Partial<Message> = {}): Message {
  const never = { version: null, reply_to: null, edited_at: null, deleted_at: null }
  const plain = { id: seq, room: 7, seq, sender: bob, client_id: `k${seq}`, kind: 'text', body: 'words' }
  return { ...plain, created_at: AT, ...never, ...more }
}

function pin(seq: number, about: number, on: boolean): PinEvent {
  return { type: 'pin', room: 7, seq, message: about, on, actor: bob, at: AT }
}

/** A view at number 20 that shows the messages from 11 to 20. */
function shown(): ViewState {
  const view = emptyView(7, 1, 100)
  const messages = Array.from({ length: 10 }, (_, n) => message(n + 11))
  const window = { ...view.window, from: 11, messages, belowSince: 20 }
  return { ...view, phase: 'live', link: 'ready', position: 20, window }
}

function after(state: ViewState, ...frames: readonly RoomEvent[]): ViewState {
  return frames.reduce((now, frame) => reduce(now, { type: 'frame', frame, now: 0 }), state)
}

const find = (state: ViewState, seq: number) => snapshotOf(state).messages.find((each) => each.seq === seq)

test('a pin shows who has pinned the message, and unpinning leaves it as it was', () => {
  const one = after(shown(), pin(21, 12, true))
  expect(find(one, 12)).toEqual(message(12, { pinned }))
  expect(find(after(one, pin(22, 12, false)), 12)).toEqual(message(12))
})

test('an edit keeps the pin, a deletion does not', () => {
  const body = message(12, { version: 22, body: 'other' })
  const edited = after(shown(), pin(21, 12, true), { type: 'edited', room: 7, seq: 22, message: body })
  expect(find(edited, 12)).toEqual({ ...body, pinned })
  const gone = message(12, { version: 23, body: '', deleted_at: AT })
  const deleted = after(edited, { type: 'deleted', room: 7, seq: 23, message: gone }, pin(24, 12, true))
  expect(find(deleted, 12)).toEqual(gone)
})

test('an older page has what came after it was read, and nothing earlier', () => {
  const state = after(shown(), pin(21, 5, true), pin(22, 6, true), pin(23, 5, false))
  const messages = [message(5, { pinned }), message(6, { pinned })]
  const page = { before: 11, messages, hasOlder: false, head: 22 }
  const older = reduce(state, { type: 'older', page })
  expect([find(older, 5), find(older, 6)]).toEqual([message(5), message(6, { pinned })])
})
