import { isId, isSeq, type RoomEvent, type RoomId, type Seq, type Signal } from '../../../core/index.ts'
import { decodeEvent, encodeEvent, numberOf } from './event-forms.ts'

/**
 * The form of items. An item without a version is of the version before there were any, which has the same form. Whatever comes
 * later keeps `v`, `r` (the room) and `n` (its number after the events): by these a reader knows what to read from the database.
 */
const VERSION = 1

/** What one entry of a stream holds many of. */
export type Item =
  | {
      readonly kind: 'events'
      readonly room: RoomId
      /** Those that this version knows. */
      readonly events: readonly RoomEvent[]
      /** The highest number of which there is more than that; null if this version knows all of them. */
      readonly unread: Seq | null
      /** In which epoch of the history they were committed; undefined if that is not told. */
      readonly epoch: string | undefined
    }
  | { readonly kind: 'signal'; readonly signal: Signal }
  /** An item of a version that this one cannot read at all. */
  | { readonly kind: 'unknown' }

/**
 * @param epoch in which they were committed
 * @param text after how many characters an item ends and another one begins
 * @returns items that tell of the events in turn
 */
export function encodeEvents(
  room: RoomId,
  events: readonly RoomEvent[],
  epoch: string,
  text: number,
): string[] {
  const items: string[] = []
  let item = ''
  let last: Seq | null = null
  for (const event of events) {
    item += `${item === '' ? '' : ','}${JSON.stringify(encodeEvent(event))}`
    last = event.seq
    if (item.length < text) continue
    items.push(itemOf(room, epoch, last, item))
    item = ''
  }
  if (item !== '' && last !== null) items.push(itemOf(room, epoch, last, item))
  return items
}

function itemOf(room: RoomId, epoch: string, last: Seq, events: string): string {
  return `{"v":${VERSION},"r":${room},"n":${last},"h":"${epoch}","e":[${events}]}`
}

export function encodeSignal(signal: Signal): string {
  return JSON.stringify({ s: signal })
}

/**
 * @param items as they were encoded, by this or any other version, with commas between them
 * @param concerns of which rooms the events are wanted
 * @throws SyntaxError if they are not JSON
 */
export function decode(items: string, concerns: (room: RoomId) => boolean): Item[] {
  const parsed: readonly WireItem[] = JSON.parse(`[${items}]`)
  return parsed.flatMap((item) => decodeItem(item, concerns) ?? [])
}

function decodeItem(item: WireItem, concerns: (room: RoomId) => boolean): Item | null {
  if (item.s !== undefined) return { kind: 'signal', signal: withDates(item.s) }
  const { v = VERSION, r: room, n, h: epoch, e } = item
  if (!isId(room)) return { kind: 'unknown' }
  if (!concerns(room)) return null
  if (v !== VERSION || e === undefined) {
    return isSeq(n) ? { kind: 'events', room, events: [], unread: n, epoch: undefined } : { kind: 'unknown' }
  }
  const events: RoomEvent[] = []
  let unread: Seq | null = null
  for (const form of e) {
    const event = decodeEvent(room, form)
    if (event !== null) events.push(event)
    else {
      const seq = numberOf(form)
      if (seq === null) return { kind: 'unknown' }
      unread = unread === null || seq > unread ? seq : unread
    }
  }
  return { kind: 'events', room, events, unread, epoch }
}

/** Restores dates, which JSON turns into text. */
function withDates(signal: Signal): Signal {
  if (signal.type === 'arrived' || signal.type === 'departed' || signal.type === 'ephemeral') {
    return { ...signal, at: new Date(signal.at) }
  }
  if (signal.type !== 'presence' || signal.lastSeen === null) return signal
  return { ...signal, lastSeen: new Date(signal.lastSeen) }
}

/** Any of it may be missing, or be something else, in an item of another version. */
interface WireItem {
  readonly s?: Signal
  readonly v?: number
  readonly r?: RoomId
  readonly n?: Seq
  readonly h?: string
  readonly e?: readonly unknown[]
}
