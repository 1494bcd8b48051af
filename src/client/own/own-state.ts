import type { Batch } from '../batch.ts'
import type { Environment } from '../environment.ts'
import { badAnswer } from '../errors.ts'
import type { Line, LinkState } from '../link/index.ts'
import { createListeners } from '../listeners.ts'
import {
  isSaved,
  type MarkEntry,
  type PrivateEntry,
  type PrivateFrame,
  type Saved,
  type Seq,
} from '../wire.ts'
import { createDraftWriter, type OwnDraft } from './drafts.ts'
import { createFollowed } from './followed.ts'

export interface OwnSnapshot {
  /** By room. What was written here is in it at once, before the server has it. */
  readonly drafts: ReadonlyMap<number, OwnDraft>
  /** The numbers of the saved messages, by room. */
  readonly saved: ReadonlyMap<number, ReadonlySet<Seq>>
}

/**
 * What the user keeps privately, the same on all of their devices. It is followed from the first `subscribe` or `follow` on, through every
 * loss of the connection. `subscribe` and `getSnapshot` are what React's `useSyncExternalStore` takes.
 */
export interface OwnState {
  /** Returns the same object until something changes. */
  getSnapshot(): OwnSnapshot
  /** Calls `listener` after every change. Returns a function that stops this. */
  subscribe(listener: () => void): () => void
  /** Follows it without a listener: open rooms then show the read mark as other devices have moved it back. */
  follow(): void
  /**
   * Sets the draft in a room; call it with every change. It is sent after a pause of a second, or once there is a connection. If another
   * device has written meanwhile, the later of the two edits stays. An empty text removes the draft.
   */
  draft(room: number, text: string, options?: { replyTo?: Seq }): void
  /** Saves a message, or removes it from the saved ones. `api.saved.list` has the messages themselves. */
  save(room: number, seq: Seq, on: boolean): Promise<Saved>
}

export interface OwnStateNeeds {
  readonly env: Environment
  readonly line: Line
  readonly batch: Batch
  epoch(): string | undefined
  /** The user's own read mark in a room was moved, by this device or another. */
  marked(entry: MarkEntry): void
}

export function createOwnState({ env, line, batch, epoch, marked }: OwnStateNeeds) {
  const listeners = createListeners<[]>(env.log)
  /** The latest state of each, by type, room and message. */
  const entries = new Map<string, PrivateEntry>()
  let snapshot: OwnSnapshot | null = null
  let user: number | null = null

  const followed = createFollowed({
    env,
    line,
    epoch,
    changed(told, anew) {
      if (anew) entries.clear()
      for (const entry of told) apply(entry)
      changed()
    },
  })
  const writer = createDraftWriter({
    env,
    line,
    version: (room) => entries.get(`draft ${room} 0`)?.private_seq,
    stored: (draft) => apply({ type: 'draft', ...draft }),
    changed,
  })

  function apply(entry: PrivateEntry): void {
    const key = `${entry.type} ${entry.room} ${'seq' in entry ? entry.seq : 0}`
    if ((entries.get(key)?.private_seq ?? 0) >= entry.private_seq) return
    entries.set(key, entry)
    if (entry.type === 'mark') marked(entry)
  }

  function changed(): void {
    snapshot = null
    batch.once(listeners.call)
  }

  const ownState: OwnState = {
    getSnapshot() {
      snapshot ??= snapshotOf(entries.values(), writer.edits())
      return snapshot
    },
    subscribe(listener) {
      followed.want()
      return listeners.add(listener)
    },
    follow: followed.want,
    draft: (room, text, { replyTo = null }: { replyTo?: Seq | null } = {}) =>
      writer.write(room, { text, replyTo }),
    async save(room, seq, on) {
      const data = await line.request({ type: 'save', room, seq, on })
      if (!isSaved(data)) throw badAnswer()
      return data
    },
  }

  return {
    ownState,
    linked(state: LinkState): void {
      if (state.phase === 'ready') {
        if (user !== null && state.user.id !== user) writer.forget()
        user = state.user.id
      }
      followed.linked(state)
      writer.linked(state.phase === 'ready')
    },
    receive: (frame: PrivateFrame) => followed.receive(frame),
  }
}

function snapshotOf(entries: Iterable<PrivateEntry>, edits: ReadonlyMap<number, OwnDraft>): OwnSnapshot {
  const drafts = new Map<number, OwnDraft>()
  const saved = new Map<number, Set<Seq>>()
  for (const entry of entries) {
    const { type, room } = entry
    if (type === 'draft') drafts.set(room, { text: entry.text, replyTo: entry.reply_to })
    if (type === 'saved' && entry.saved) saved.set(room, (saved.get(room) ?? new Set()).add(entry.seq))
  }
  for (const [room, { text, replyTo }] of edits) drafts.set(room, { text, replyTo })
  for (const [room, { text, replyTo }] of drafts) if (text === '' && replyTo === null) drafts.delete(room)
  return { drafts, saved }
}
