import { msLeft } from './access.ts'
import { type Restraint, restrained } from './errors.ts'
import type { AccessFacts, Ending, Posting, Role } from './model.ts'

/** What decides whether a member may speak. */
export interface Voice {
  readonly role: Role | null
  readonly posting: Posting
  readonly mute: Ending | null
}

const plainMember: Voice = { role: 'member', posting: 'everyone', mute: null }

/** Returns the voice of a user in a room. Plain members of ordinary rooms share one, since each connection keeps one for each of its rooms. */
export function voiceOf(access: AccessFacts): Voice {
  const { role, mute = null } = access
  const { posting } = access.room
  return role === 'member' && posting === 'everyone' && mute === null ? plainMember : { role, posting, mute }
}

/**
 * Returns what keeps a member from speaking now, or null. drizzle/functions/parley_voice.sql decides the same for what is stored.
 */
export function silencedBy({ role, posting, mute }: Voice): Restraint | null {
  if (posting === 'nobody') return 'blocked'
  // The owner is never muted: whoever becomes it is not any more.
  if (role !== 'owner' && mute !== null && (mute.until === null || mute.until.getTime() > Date.now()))
    return 'muted'
  return posting === 'staff' && role === 'member' ? 'posting_restricted' : null
}

/** For what is said without being stored. @throws ChatError `forbidden`, with why, if a member may not speak now */
export function requireVoice(access: AccessFacts): void {
  const restraint = silencedBy(voiceOf(access))
  if (restraint !== null) throw restrained(restraint, restraint === 'muted' ? msLeft(access.mute) : 0)
}
