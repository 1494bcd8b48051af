/*
 * What happens durably in a room: every type of events, what each tells, and what is left of it later. What the database, the
 * nodes' stream and the contracts make of a type is in their own tables, which the compiler holds to the types here.
 */
export type { Changes, Stretch } from './changes.ts'
export {
  type DescribedEvent,
  type EventOf,
  type EventType,
  type MemberChange,
  type MemberEvent,
  type MessageChange,
  type MessageEvent,
  type PerType,
  type PinEvent,
  perType,
  type ReactionChange,
  type ReactionEvent,
  type RestraintChange,
  type RestraintEvent,
  type RoomEvent,
  type RulesEvent,
} from './event.ts'
export type { MembershipChange, MembershipChangeType } from './membership-change.ts'
export {
  carriesMessage,
  compacted,
  endsMembership,
  isEventType,
  isRevision,
  subjectOf,
  textOf,
} from './registry.ts'
