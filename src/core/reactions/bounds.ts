import type { ReactionBounds } from '../ports.ts'

/** At most eight events a second and message, nine in any one second. */
export const BOUNDS: ReactionBounds = { windowMs: 125, own: 20, kinds: 50 }

/** The most that one statement writes. An event names each user who has reacted since the one before, so this bounds its size, too. */
export const BATCH_MESSAGES = 50
export const BATCH_REACTIONS = 4096
