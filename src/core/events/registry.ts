import { detailsLength } from '../details/index.ts'
import type {
  EventOf,
  EventType,
  MessageEvent,
  PinEvent,
  ReactionEvent,
  RestraintEvent,
  RoomEvent,
} from './event.ts'
import { mergedReactions } from './reaction-changes.ts'

/**
 * What a later reader is told of several events about one subject.
 * - `each`: all of them
 * - `latest`: the latest of its subject
 * - `message`: the message as it is by then
 * - `revision`: the latest of its message, or none if the message itself is told
 * - `merged`: the latest of its subject, with what the earlier ones tell merged into it. Events in memory stay as they are.
 */
type Compaction<E> =
  | { readonly compaction: 'each' | 'message' | 'revision' }
  | {
      readonly compaction: 'latest'
      /** Names what the event is about, unlike any other type's subjects. */
      subject(event: E): string
    }
  | {
      readonly compaction: 'merged'
      subject(event: E): string
      /** Returns the later event with what an earlier one about the same subject tells. */
      merge(earlier: RoomEvent, later: E): E
    }

/** What the core knows about a type of events. */
type Entry<E> = Compaction<E> & {
  /** Returns the UTF-16 units of users' text that count towards the bounds of memory and frames. */
  text(event: E): number
  /** Whether the event's user is no longer a member after it: their sockets get nothing that comes later. */
  readonly endsMembership: boolean
}

const message = { compaction: 'message', text: bodyLength, endsMembership: false } as const
const revision = { ...message, compaction: 'revision' } as const
const membership = { compaction: 'each', text: none, endsMembership: false } as const
const ban = { compaction: 'latest', subject: banOf, text: none, endsMembership: false } as const
const mute = { compaction: 'latest', subject: muteOf, text: none, endsMembership: false } as const
const ending = { ...membership, endsMembership: true } as const

/** Every type of events. The store, the nodes' stream and each contract have a table of their own with the same keys. */
const registry = {
  message,
  edited: revision,
  deleted: revision,
  joined: membership,
  left: ending,
  removed: ending,
  invited: membership,
  uninvited: membership,
  role: membership,
  described: { compaction: 'latest', subject: () => 'described', text: none, endsMembership: false },
  rules: { compaction: 'latest', subject: () => 'rules', text: none, endsMembership: false },
  banned: ban,
  unbanned: ban,
  muted: mute,
  unmuted: mute,
  reaction: {
    compaction: 'merged',
    subject: ({ message }) => `reaction ${message}`,
    merge: mergedReactions,
    text: reactionsLength,
    endsMembership: false,
  },
  pin: {
    compaction: 'latest',
    subject: ({ message }: PinEvent) => `pin ${message}`,
    text: none,
    endsMembership: false,
  },
} as const satisfies Entries

type Entries = { readonly [T in EventType]: Entry<EventOf<T>> }

const entries: Entries = registry

/** The types whose entries have this in them. */
type TypesWith<Part> = { [T in EventType]: (typeof registry)[T] extends Part ? T : never }[EventType]

/** Whether a type that was read from outside is one that this version knows. */
export function isEventType(type: unknown): type is EventType {
  return typeof type === 'string' && Object.hasOwn(registry, type)
}

export function carriesMessage(
  event: RoomEvent,
): event is EventOf<TypesWith<{ compaction: 'message' | 'revision' }>> {
  const { compaction } = registry[event.type]
  return compaction === 'message' || compaction === 'revision'
}

/** Whether it changes a message that was sent at another number. */
export function isRevision(event: RoomEvent): event is EventOf<TypesWith<{ compaction: 'revision' }>> {
  return registry[event.type].compaction === 'revision'
}

/** Whether the event's user is no longer a member after it. */
export function endsMembership(event: RoomEvent): event is EventOf<TypesWith<{ endsMembership: true }>> {
  return registry[event.type].endsMembership
}

/** Returns the UTF-16 units of users' text in the event. */
export function textOf<T extends EventType>(event: EventOf<T>): number {
  return entries[event.type].text(event)
}

/** Returns what the event is about if, even in memory, only the latest event about it is told; null if it is told in any case. */
export function subjectOf<T extends EventType>(event: EventOf<T>): string | null {
  const entry: Entry<EventOf<T>> = entries[event.type]
  return entry.compaction === 'latest' ? entry.subject(event) : null
}

/**
 * Returns the events without those that a later one of them replaces.
 * @param events in the order of their numbers; messages are compacted already
 */
export function compacted(events: readonly RoomEvent[]): readonly RoomEvent[] {
  const latest = new Map<string, RoomEvent>()
  for (const event of events) {
    const subject = replacedBy(event)
    if (subject !== null) latest.set(subject, withEarlier(event, latest.get(subject)))
  }
  if (latest.size === 0) return events
  return events.flatMap((event) => {
    const subject = replacedBy(event)
    const kept = subject === null ? event : latest.get(subject)
    return kept?.seq === event.seq ? kept : []
  })
}

/** Returns the subject of which a later reader is told one event; null if each is told. */
function replacedBy<T extends EventType>(event: EventOf<T>): string | null {
  const entry: Entry<EventOf<T>> = entries[event.type]
  return entry.compaction === 'latest' || entry.compaction === 'merged' ? entry.subject(event) : null
}

/** Returns the event with what is left of an earlier one about the same subject. */
function withEarlier<T extends EventType>(event: EventOf<T>, earlier: RoomEvent | undefined): EventOf<T> {
  const entry: Entry<EventOf<T>> = entries[event.type]
  return entry.compaction === 'merged' && earlier !== undefined ? entry.merge(earlier, event) : event
}

/** A thread counts for the names of its users, and for what its frame has around them. */
function bodyLength({ message: { body, details, thread } }: MessageEvent): number {
  return body.length + (details === null ? 0 : detailsLength(details)) + (thread === null ? 0 : 256)
}

/** A user's id counts for eight units, and a name for what its frame has around it. */
function reactionsLength({ reactions, changed }: ReactionEvent): number {
  const ids = changed.reduce((sum, { added, removed }) => sum + added.length + removed.length, 0)
  return ids * 8 + reactions.length * 64
}

function banOf({ user }: RestraintEvent): string {
  return `ban ${user.id}`
}

function muteOf({ user }: RestraintEvent): string {
  return `mute ${user.id}`
}

function none(): number {
  return 0
}
