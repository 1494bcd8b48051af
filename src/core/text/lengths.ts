/** Returns why a text is too long, or null. Most texts need no counting. @param limit in characters (code points) */
export function lengthProblem(text: string, limit: number): string | null {
  // A text has at least as many UTF-16 units as code points. Two units per code point bound the count.
  if (text.length <= limit) return null
  if (text.length <= limit * 2) {
    let points = 0
    for (const _ of text) points++
    if (points <= limit) return null
  }
  return tooLong(limit)
}

export function tooLong(limit: number): string {
  return `must have at most ${limit} characters`
}

/** Returns why a text cannot be stored: Postgres cannot hold NUL, and half a surrogate pair is not text in any encoding. */
export function formProblem(text: string): string | null {
  if (text.includes('\0')) return 'must not hold the character NUL'
  if (!text.isWellFormed()) return 'must be well-formed Unicode'
  return null
}
