import { usernameKey } from './usernames.ts'

/** Whom a text names after `@`. */
export interface NamedInText {
  /**
   * For each name the keys (`usernameKey`) of the usernames that it can mean, the longest first: a username may end with a full stop,
   * and so may a sentence.
   */
  readonly names: readonly (readonly string[])[]
  /** Whether it says `@room`, and `@online`. */
  readonly room: boolean
  readonly online: boolean
}

/** The most different names of a text; what comes after them mentions nobody. */
export const MOST_NAMES = 50

/**
 * An `@` that begins a word, and the characters of a username after it, joiners included. What is before it is no letter, digit or `@`, so
 * that the addresses of e-mail name nobody. A run of such characters is read once, and nothing follows it in the pattern, so the time is
 * linear.
 */
const NAMED = /(?<![\p{L}\p{M}\p{N}_@])@([\p{L}\p{N}\p{Mn}\p{Mc}\p{Join_Control}@.+_-]+)/gu
/** More combining marks in a row than any language has (UAX #15, stream-safe text). The time to normalise them grows with the square. */
const TOO_MANY_MARKS = /\p{M}{31}/u
/** What can follow a name in a sentence, though it could be part of the name. */
const PUNCTUATION = new Set('@.+_-')

/**
 * Returns whom a text names; null if nobody. Names are compared as sign-in compares them: in any case and compatibility form. Whether there
 * are such users is not known here. A name ends at the first character that no username has, so in scripts without spaces it takes one,
 * or an explicit mention.
 */
export function namedIn(text: string): NamedInText | null {
  // Most texts name nobody.
  if (!text.includes('@')) return null
  const names: string[][] = []
  /** The runs and the keys that were seen, so that a repeated one costs little and counts once. */
  const seen = new Set<string>()
  let [room, online] = [false, false]
  for (const [, run = ''] of text.matchAll(NAMED)) {
    if (seen.has(run)) continue
    seen.add(run)
    const keys = keysOf(run)
    const shortest = keys.at(-1)
    if (shortest === undefined) continue
    if (shortest === 'room') room = true
    else if (shortest === 'online') online = true
    else if (!seen.has(`@${shortest}`)) {
      seen.add(`@${shortest}`)
      names.push(keys)
      if (names.length === MOST_NAMES) break
    }
  }
  return names.length > 0 || room || online ? { names, room, online } : null
}

/** Returns the keys of what was written after an `@`, and of the same without punctuation at its end; none if it is no name. */
function keysOf(run: string): string[] {
  if (TOO_MANY_MARKS.test(run)) return []
  let end = run.length
  while (end > 0 && PUNCTUATION.has(run.charAt(end - 1))) end--
  const spellings = end === run.length ? [run] : end === 0 ? [] : [run, run.slice(0, end)]
  return spellings.flatMap((spelling) => usernameKey(spelling) ?? [])
}
