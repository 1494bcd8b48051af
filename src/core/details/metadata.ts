import { ChatError } from '../errors.ts'
import type { JsonText } from '../model.ts'
import { formProblem } from '../text/index.ts'
import type { Entry } from './entry.ts'

/** The most bytes of metadata, as JSON without white space. */
const MOST_BYTES = 4096
/** The most levels of lists and objects, the outermost included. */
const MOST_LEVELS = 8
/** The most members of one object. */
const MOST_KEYS = 64

/** Kept as text, so that it comes back with the same names in the same order, and costs nothing until it is shown. */
export const metadata: Entry<JsonText> = {
  most: MOST_BYTES,
  problem: metadataProblem,
  stored: (value) => value,
  restored: (stored) => (isText(stored) ? stored : null),
  length: (value) => value.length,
}

/** Returns why a value may not be metadata, or null. */
function metadataProblem(text: JsonText): string | null {
  if (text.length > MOST_BYTES || new TextEncoder().encode(text).length > MOST_BYTES) {
    return `must have at most ${MOST_BYTES} bytes of JSON`
  }
  const value: unknown = JSON.parse(text)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'must be a JSON object'
  return valueProblem(value, 1)
}

/** @throws ChatError `invalid` if a value may not be the metadata of a room or a user */
export function refuseMetadata(text: JsonText | null | undefined): void {
  if (text === undefined || text === null) return
  const problem = metadataProblem(text)
  if (problem !== null) throw new ChatError('invalid', `metadata ${problem}`, { field: 'metadata' })
}

function valueProblem(value: unknown, level: number): string | null {
  if (typeof value === 'string') return formProblem(value)
  // Of others it is not known what was sent.
  if (typeof value === 'number' && Math.abs(value) > Number.MAX_SAFE_INTEGER) {
    return 'must have no numbers beyond ±(2^53 - 1), which would be changed; send them as text'
  }
  if (typeof value !== 'object' || value === null) return null
  if (level > MOST_LEVELS) return `must not be nested more than ${MOST_LEVELS} levels deep`
  const names = Array.isArray(value) ? [] : Object.keys(value)
  if (names.length > MOST_KEYS) return `must have at most ${MOST_KEYS} keys in each object`
  for (const each of [...names, ...Object.values(value)]) {
    const problem = valueProblem(each, level + 1)
    if (problem !== null) return problem
  }
  return null
}

function isText(stored: unknown): stored is JsonText {
  return typeof stored === 'string'
}
