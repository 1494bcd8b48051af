import type { UserId } from '../model.ts'
import { MOST_NAMES, namedIn } from '../text/index.ts'

/** Whom a client says a message mentions. Then the text is not searched. */
export interface MentionsGiven {
  readonly users?: readonly UserId[] | undefined
  readonly room?: boolean | undefined
  readonly online?: boolean | undefined
}

/** Whom a message is to mention; whether they are members is not known yet. */
export interface MentionsAsked {
  readonly users: readonly UserId[]
  /** For each name the keys that it can mean, the best first. */
  readonly names: readonly (readonly string[])[]
  readonly room: boolean
  readonly online: boolean
}

/** Returns whom a message is to mention, by what the client gave, or else by its text; null if nobody. */
export function mentionsAsked(text: string, given: MentionsGiven | undefined): MentionsAsked | null {
  if (given === undefined) {
    const named = namedIn(text)
    return named && { users: [], ...named }
  }
  const { users = [], room = false, online = false } = given
  return users.length > 0 || room || online ? { users: [...new Set(users)], names: [], room, online } : null
}

/** Returns why these mentions cannot be given, or null. */
export function mentionsProblem(given: MentionsGiven | undefined): string | null {
  return (given?.users?.length ?? 0) > MOST_NAMES ? `must name at most ${MOST_NAMES} users` : null
}
