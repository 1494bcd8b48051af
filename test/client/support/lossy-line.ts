import { type Action, reduce, unreadOf, type ViewState } from '../../../src/client/view/index.ts'
import type { RoomFrame, Subscribed } from '../../../src/client/wire.ts'
import { openView, type RoomModel, user } from './room-model.ts'

/**
 * A view of a model's room over a connection that loses, repeats and cuts off what it carries, but keeps its order: the part
 * of the client around the reducer, under the control of a test.
 */
export class LossyLine {
  state: ViewState
  /** A second view, which gets what is delivered at once in batches. */
  batched: ViewState
  /** How often the view has begun anew. */
  beginnings = 0
  readonly #model: RoomModel
  readonly #underway: Action[] = []
  readonly #delivered: Action[] = []
  readonly #pages: Action[] = []
  /** Up to where the server has sent over this subscription; null without one. */
  #sentTo: number | null = null

  constructor(model: RoomModel, maxMessages: number) {
    this.#model = model
    this.state = openView(maxMessages)
    this.batched = this.state
  }

  /** The server sends what has happened since. */
  flow(): void {
    if (this.#sentTo === null) return
    for (const event of this.#model.events.slice(this.#sentTo)) this.#send(event)
    this.#sentTo = this.#model.head
  }

  /** The server had to catch up itself, and sends the last few numbers again with the rest. */
  flowChanges(overlap: number): void {
    if (this.#sentTo === null) return
    const after = Math.max(0, this.#sentTo - overlap)
    for (const frame of this.#model.changes(after, 100)) this.#send(frame)
    this.#sentTo = this.#model.head
  }

  subscribe(mode: Subscribed['mode'], size: number): void {
    if (this.state.phase !== 'behind') return
    const model = this.#model
    const after = this.state.position
    const { head } = model
    this.dispatch({ type: 'subscribing' })
    if (mode === 'snapshot' || after === null) {
      this.#underway.push({ type: 'subscribed', data: model.snapshot(size) })
    } else {
      this.#underway.push({ type: 'subscribed', data: { room: 7, mode, head, snapshot: null } })
      for (const frame of mode === 'live' ? model.events.slice(after) : model.changes(after, size + 1)) {
        this.#send(frame)
      }
    }
    this.#send({ type: 'live', room: 7, seq: head })
    this.#send(model.state())
    this.#sentTo = head
  }

  deliver(count: number): void {
    const actions = this.#underway.splice(0, count)
    this.#delivered.push(...actions)
    for (const action of actions) {
      this.#count(action)
      this.state = reduce(this.state, action)
    }
    this.batched = batchesOf(actions).reduce(reduce, this.batched)
  }

  /** The user is removed from the room, and one event goes to a subscription that has ended. */
  remove(): void {
    if (this.#sentTo === null) return
    this.flow()
    this.#sentTo = null
    this.#send({ type: 'unsubscribed', room: 7, reason: 'left' })
    this.#send({ type: 'membership', room: 7, change: 'removed', role: null, actor: user(2) })
    this.#send({ type: 'message', room: 7, seq: this.#model.head + 1, message: this.#model.say(2) })
  }

  /** The user is a member again, and opens the room. */
  reopen(): void {
    if (this.state.phase !== 'ended') return
    // The client ignores what still answers the subscription before.
    const left = this.#underway.filter(({ type }) => type !== 'subscribed')
    this.#underway.splice(0, this.#underway.length, ...left)
    this.dispatch({ type: 'open' })
  }

  /** Loses the next frame, if it is one that the arithmetic has to notice. */
  lose(): void {
    const [next] = this.#underway
    if (
      next?.type === 'frame' &&
      ('seq' in next.frame ? next.frame.type !== 'live' : next.frame.type === 'changes')
    ) {
      this.#underway.shift()
    }
  }

  /** Something that has come already comes once more. */
  repeat(index: number): void {
    const events = this.#delivered.filter(
      (action) => action.type === 'frame' && !['live', 'state'].includes(action.frame.type),
    )
    const action = events[index % Math.max(1, events.length)]
    if (action) this.dispatch(action)
  }

  heartbeat(): void {
    if (this.#sentTo !== null) this.#underway.push({ type: 'head', head: this.#sentTo })
  }

  /** @param here whether on this device, which gets an answer besides what all of the user's devices hear */
  read(seq: number, here: boolean): void {
    this.#model.read(seq)
    const { read_seq, delivered_seq } = this.#model.figures()
    this.#send({ type: 'marks', room: 7, user: 1, read_seq, delivered_seq })
    if (here) this.askUnread()
  }

  askUnread(): void {
    this.#underway.push({ type: 'marked', data: this.#model.figures() })
  }

  /** As the client, for one page at a time: only then does `from` tell whether another page came meanwhile. */
  askOlder(limit: number): void {
    const { from } = this.state.window
    if (this.state.position === null || from === 0 || this.#pages.length > 0) return
    this.#pages.push({ type: 'older', page: this.#model.older(from, limit) })
  }

  deliverOlder(): void {
    const page = this.#pages.shift()
    if (page) this.dispatch(page)
  }

  cut(): void {
    this.#underway.length = 0
    this.#sentTo = null
    this.dispatch({ type: 'link', link: 'offline' })
    this.dispatch({ type: 'link', link: 'ready' })
  }

  /** Lets everything that is right for a good connection happen. */
  settle(): void {
    for (let round = 0; round < 20; round++) {
      this.subscribe('live', 0)
      this.flow()
      this.heartbeat()
      if (this.state.phase === 'live' && !unreadOf(this.state).exact) this.askUnread()
      this.deliver(Number.POSITIVE_INFINITY)
    }
  }

  dispatch(action: Action): void {
    this.#count(action)
    this.state = reduce(this.state, action)
    this.batched = reduce(this.batched, action)
  }

  #count(action: Action): void {
    if (action.type === 'subscribed' && action.data.mode === 'snapshot') this.beginnings++
  }

  #send(frame: RoomFrame): void {
    this.#underway.push({ type: 'frame', frame, now: 0 })
  }
}

/** Frames that follow one another come together; everything else comes between two batches. */
function batchesOf(actions: readonly Action[]): Action[] {
  const batches: Action[] = []
  for (const action of actions) {
    const last = batches.at(-1)
    if (action.type !== 'frame') batches.push(action)
    else if (last?.type !== 'frames') batches.push({ type: 'frames', frames: [action.frame], now: 0 })
    else batches.splice(-1, 1, { ...last, frames: [...last.frames, action.frame] })
  }
  return batches
}
