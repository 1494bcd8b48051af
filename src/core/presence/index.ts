/*
 * Which users are online and in which rooms, and the pace at which signals are passed on.
 */

export { type CappedSignals, cappedSignals } from './capped-signals.ts'
export { createOnlineSoon } from './online-soon.ts'
export { type PacedSignals, pacedSignals } from './paced-signals.ts'
export {
  createPresence,
  type Presence,
  type PresenceDeps,
  type PresenceOptions,
  type RoomOnline,
} from './presence.ts'
export type { SignalKind } from './room-signals.ts'
