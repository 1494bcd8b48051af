import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { snapshotOf, unreadOf, type ViewState } from '../../src/client/view/index.ts'
import { LossyLine } from './support/lossy-line.ts'
import { RoomModel } from './support/room-model.ts'

const RUNS = 2000
/** Fewer, because both views are compared after every step. */
const BATCHED_RUNS = 2000

test('whatever is lost, repeated, compacted or cut off, the view becomes what the room is', () => {
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 100, size: 'max' }),
      fc.integer({ min: 1, max: 12 }),
      (steps, maxMessages) => {
        const model = new RoomModel()
        const line = new LossyLine(model, maxMessages)
        for (const act of steps) {
          const { state, beginnings } = line
          act(model, line)
          expectOrdered(line.state)
          if (line.beginnings === beginnings) expectForward(state, line.state)
        }
        line.settle()
        expectEqual(line, model)
      },
    ),
    { numRuns: RUNS },
  )
})

test('frames that come in batches make the same view as if each came alone, with removals in between', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof({ weight: 9, arbitrary: step }, removal), { maxLength: 100, size: 'max' }),
      fc.integer({ min: 1, max: 12 }),
      (steps, maxMessages) => {
        const model = new RoomModel()
        const line = new LossyLine(model, maxMessages)
        for (const act of steps) {
          act(model, line)
          expectAlike(line)
        }
        line.reopen()
        line.settle()
        line.reopen()
        line.settle()
        expectEqual(line, model)
        expect(snapshotOf(line.batched)).toEqual(snapshotOf(line.state))
      },
    ),
    { numRuns: BATCHED_RUNS },
  )
})

test('the check sees a view that misses something', () => {
  const model = new RoomModel()
  const line = new LossyLine(model, 10)
  line.settle()
  model.say(2)
  expect(() => expectEqual(line, model)).toThrow()
  line.settle()
  expectEqual(line, model)
})

type Step = (model: RoomModel, line: LossyLine) => void

const small = fc.nat({ max: 5 })
/** Few messages are revised, so that some are again and again. */
const few = fc.nat({ max: 9 })
const someone = fc.integer({ min: 1, max: 4 })
const mode = fc.constantFrom('live' as const, 'changes' as const, 'snapshot' as const)

/** What happens in the room, and to what the server sends of it. */
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: someone.map(
      (id): Step =>
        (model) =>
          void model.say(id),
    ),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(someone, few, fc.boolean()).map(
      ([id, index, inRoom]): Step =>
        (model) =>
          model.reply(id, index, inRoom),
    ),
  },
  {
    weight: 3,
    arbitrary: few.map(
      (index): Step =>
        (model) =>
          model.edit(index),
    ),
  },
  {
    weight: 1,
    arbitrary: few.map(
      (index): Step =>
        (model) =>
          model.delete(index),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(someone, few, fc.boolean()).map(
      ([id, index, on]): Step =>
        (model) =>
          model.pin(id, index, on),
    ),
  },
  someone.map(
    (id): Step =>
      (model) =>
        model.join(id),
  ),
  someone.map(
    (id): Step =>
      (model) =>
        model.leave(id),
  ),
  fc.tuple(someone, fc.constantFrom('admin' as const, 'member' as const)).map(
    ([id, role]): Step =>
      (model) =>
        model.setRole(id, role),
  ),
  fc.constant<Step>((model) => model.describe()),
  fc.tuple(fc.nat({ max: 60 }), fc.boolean()).map(
    ([seq, here]): Step =>
      (_, line) =>
        line.read(seq, here),
  ),
  { weight: 4, arbitrary: fc.constant<Step>((_, line) => line.flow()) },
  {
    weight: 6,
    arbitrary: small.map(
      (count): Step =>
        (_, line) =>
          line.deliver(count),
    ),
  },
  {
    weight: 5,
    arbitrary: fc.tuple(mode, small).map(
      ([how, size]): Step =>
        (_, line) =>
          line.subscribe(how, size),
    ),
  },
  small.map(
    (overlap): Step =>
      (_, line) =>
        line.flowChanges(overlap),
  ),
  fc.constant<Step>((_, line) => line.lose()),
  fc.nat().map(
    (index): Step =>
      (_, line) =>
        line.repeat(index),
  ),
  fc.constant<Step>((_, line) => line.heartbeat()),
  fc.constant<Step>((_, line) => line.cut()),
  {
    weight: 2,
    arbitrary: small.map(
      (limit): Step =>
        (_, line) =>
          line.askOlder(limit + 1),
    ),
  },
  { weight: 2, arbitrary: fc.constant<Step>((_, line) => line.deliverOlder()) },
)

const removal: fc.Arbitrary<Step> = fc.constantFrom<Step>(
  (_, line) => line.remove(),
  (_, line) => line.reopen(),
)

/** Holds at every moment. Until the server has counted, each view shows its own estimate of what is unread. */
function expectAlike({ state, batched }: LossyLine): void {
  const areExact = unreadOf(state).exact && unreadOf(batched).exact
  const shown = (view: ViewState) => {
    const { unread, room, ...others } = snapshotOf(view)
    return { ...others, room: room && { ...room, unread: null }, unread: areExact ? unread : null }
  }
  expect(shown(batched)).toEqual(shown(state))
  expect(batched.phase).toBe(state.phase)
}

/** Holds at every moment. */
function expectOrdered(state: ViewState): void {
  const numbers = state.window.messages.map(({ seq }) => seq)
  expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b))
  expect(numbers.every((seq) => seq >= state.window.from)).toBe(true)
}

/**
 * Nothing that was shown is taken back: neither what a message has become, nor how far the view and the marks have come. Only
 * where a view begins anew, what comes may be a little older than a page that came by another way.
 */
function expectForward(before: ViewState, after: ViewState): void {
  const versions = new Map(before.window.messages.map(({ seq, version }) => [seq, version ?? 0]))
  const older = after.window.messages.filter(({ seq, version }) => (version ?? 0) < (versions.get(seq) ?? 0))
  expect(older).toEqual([])
  expect(after.position ?? 0).toBeGreaterThanOrEqual(before.position ?? 0)
  expect(after.readSeq).toBeGreaterThanOrEqual(before.readSeq)
}

/** Holds once everything has come. */
function expectEqual({ state }: LossyLine, model: RoomModel): void {
  const { status, position, messages, hasOlder, members, memberCount, room, unread, readSeq } =
    snapshotOf(state)
  expect(status).toBe('live')
  expect(position).toBe(model.head)
  const { from } = state.window
  const expected = model.messages.filter(({ seq }) => seq >= from).map((message) => model.shown(message))
  expect([...messages]).toEqual(expected)
  expect(hasOlder || messages.length === model.messages.length).toBe(true)
  expect(members).toEqual(model.members)
  expect(memberCount).toBe(model.members.size)
  expect(readSeq).toBe(model.readSeq)
  expect(unreadOf(state).exact).toBe(true)
  expect(unread).toBe(model.unread())
  expect(room?.description).toBe(model.description)
}
