import { backoff } from '../backoff.ts'
import type { Environment } from '../environment.ts'
import { ParleyError } from '../errors.ts'
import type { Line } from '../link/index.ts'
import { type Draft, isDrafted, type Seq } from '../wire.ts'

/** What the user has begun to write in a room. */
export interface OwnDraft {
  readonly text: string
  readonly replyTo: Seq | null
}

/** How long typing must pause before a draft is sent, in milliseconds. */
const PAUSE_MS = 1000

interface Edit extends OwnDraft {
  /** The version that was edited; undefined if the server's is not known. */
  readonly version: number | undefined
  /** In the clock's ticks. */
  readonly at: number
}

export interface DraftNeeds {
  readonly env: Environment
  readonly line: Line
  /** The version of the server's draft in a room, as far as is known. */
  version(room: number): number | undefined
  /** The server has this draft now. */
  stored(draft: Draft): void
  changed(): void
}

/** Sends what the user writes, after each pause and once there is a connection. */
export function createDraftWriter({ env, line, version, stored, changed }: DraftNeeds) {
  const { clock } = env
  const edits = new Map<number, Edit>()
  const timers = new Map<number, () => void>()
  const sending = new Set<number>()
  let isReady = false
  let failures = 0

  function after(room: number, ms: number): void {
    timers.get(room)?.()
    timers.set(
      room,
      clock.after(ms, () => send(room)),
    )
  }

  function send(room: number): void {
    const edit = edits.get(room)
    if (edit === undefined || !isReady || sending.has(room)) return
    sending.add(room)
    const { text, replyTo, at } = edit
    const place = {
      ...(replyTo === null ? {} : { reply_to: replyTo }),
      ...(edit.version === undefined ? {} : { version: edit.version }),
    }
    const ago = Math.max(0, Math.round(clock.ticks() - at))
    line.ask({ type: 'draft', room, text, ...place, edited_ago_ms: ago }, (outcome) => {
      sending.delete(room)
      const isLatest = edits.get(room) === edit
      if (!(outcome instanceof ParleyError)) {
        failures = 0
        if (isDrafted(outcome)) stored(outcome.draft)
        const next = edits.get(room)
        if (isLatest) edits.delete(room)
        else if (next !== undefined && isDrafted(outcome)) {
          // What was written meanwhile continues what has just been stored.
          edits.set(room, { ...next, version: outcome.draft.private_seq })
          after(room, PAUSE_MS)
        }
      } else if (outcome.code === 'disconnected') {
        // Sent again with the next connection.
      } else if (outcome.retryable)
        after(room, Math.max(outcome.retryAfterMs, backoff(failures++, env.random)))
      else if (isLatest) edits.delete(room)
      changed()
    })
  }

  return {
    edits: (): ReadonlyMap<number, OwnDraft> => edits,

    write(room: number, draft: OwnDraft): void {
      const known = edits.get(room)
      edits.set(room, {
        ...draft,
        version: known === undefined ? version(room) : known.version,
        at: clock.ticks(),
      })
      after(room, PAUSE_MS)
      changed()
    },

    linked(ready: boolean): void {
      isReady = ready
      sending.clear()
      if (ready) for (const room of edits.keys()) send(room)
    },

    /** Another user has other drafts. */
    forget(): void {
      for (const cancel of timers.values()) cancel()
      edits.clear()
    },
  }
}
