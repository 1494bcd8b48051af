/*
 * Who is online, who is in a room, and the pace at which signals of the moment are passed on.
 */
export { type PacedSignals, pacedSignals } from './paced-signals.ts'
export {
  createPresence,
  type Presence,
  type PresenceDeps,
  type PresenceOptions,
  type RoomOnline,
} from './presence.ts'
