import {
  type Changes,
  compacted,
  type MessageEvent,
  PAGE_TEXT,
  type RoomEvent,
  type RoomId,
  type Seq,
} from '../../core/index.ts'
import { type EventRow, type RoomRow, toEvent } from './event-rows.ts'
import { type MessageRow, textOf, toMessage } from './rows.ts'
import { parseThread } from './threads.ts'

/** A message, and if it is the last reply of a thread on its page, the thread as `parley_thread` shows it. */
type ReplyRow = MessageRow & { readonly thread: string | null }

/** What has changed in a room, by where it comes from; each up to the same limit. */
export interface ChangeSources extends RoomRow {
  readonly head: Seq
  readonly sent: readonly ReplyRow[]
  readonly revised: readonly ReplyRow[]
  readonly events: readonly EventRow[]
}

/**
 * One stretch of changes from its sources, up to `limit` events. A source that is full, by its number of events or by their
 * text, may have more behind its last number, so the stretch ends at the smallest such number at the latest.
 */
export function toChanges(room: RoomId, sources: ChangeSources, limit: number): Changes {
  const sent = sources.sent.flatMap((row) => messageEvent(room, row, 'seq') ?? [])
  const revised = sources.revised.flatMap((row) => messageEvent(room, row, 'version') ?? [])
  const others = sources.events.map((row) => toEvent(room, row, sources) ?? unknown(row))
  const cut = (rows: readonly MessageRow[]) => rows.length >= limit || textOf(rows) >= PAGE_TEXT
  const full = [
    ...(cut(sources.sent) ? [sent] : []),
    ...(cut(sources.revised) ? [revised] : []),
    ...(others.length >= limit || sources.events.at(-1)?.more ? [others] : []),
  ]
  const all = [...sent, ...revised, ...others].sort((a, b) => a.seq - b.seq)
  const whole = Math.min(...full.map((source) => source.at(-1)?.seq ?? 0))
  const page = all.filter(({ seq }) => seq <= whole).slice(0, limit)
  const last = page.at(-1)
  const events = compacted(page.filter(isKnown))
  if ((full.length === 0 && all.length <= limit) || last === undefined) {
    return { events, head: sources.head, readAt: sources.head }
  }
  return { events, head: last.seq, readAt: sources.head }
}

/** An event of a type that this version does not know. It takes part in the counting, so that no page ends before its number. */
interface Unknown {
  readonly type: null
  readonly seq: Seq
}

function unknown({ seq }: EventRow): Unknown {
  return { type: null, seq }
}

function isKnown(event: RoomEvent | Unknown): event is RoomEvent {
  return event.type !== null
}

function messageEvent(room: RoomId, row: ReplyRow, number: 'seq' | 'version'): MessageEvent | null {
  const message = toMessage(room, row, parseThread(row.thread))
  const seq = row[number]
  if (message === null || seq === null) return null
  const type = number === 'seq' ? 'message' : message.deletedAt === null ? 'edited' : 'deleted'
  return { type, roomId: message.roomId, seq, message }
}
