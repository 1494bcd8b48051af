import { ChatError } from '../errors.ts'
import { formProblem, lengthProblem, searchText } from '../text/index.ts'
import { askedGramsOf } from './grams.ts'

/** The most characters (code points) of a query, and the most words and phrases. */
export const MAX_QUERY = 256
const MAX_TERMS = 32
/** The most terms of two letters that the store is asked for; if there are more, they are only compared. */
const MOST_SHORT = 2

export interface Query {
  /** What a message must contain, folded, each once; empty for a query without words. */
  readonly terms: readonly string[]
  /** As in `MessagesWanted`. */
  readonly grams: readonly number[]
  readonly some: readonly (readonly number[])[]
}

/**
 * Parses what a user searches for: words, and phrases in double quotes. A message must contain them all, each anywhere, in any order. A
 * quote that is not closed quotes the rest.
 * @throws ChatError `invalid` for the field `q`
 */
export function queryOf(text: string): Query {
  const problem = lengthProblem(text, MAX_QUERY) ?? formProblem(text)
  if (problem !== null) throw invalid(problem)
  const terms = [...new Set(termsOf(searchText(text)))]
  if (terms.length > MAX_TERMS) throw invalid(`must have at most ${MAX_TERMS} words`)
  const asked = terms.flatMap((term) => askedGramsOf(term) ?? [])
  if (asked.length === 0) {
    throw invalid('must have a word of at least two characters, or one of Chinese, Japanese or Korean')
  }
  return {
    terms,
    grams: [...new Set(asked.flatMap(({ all }) => all))],
    some: asked.flatMap(({ some }) => (some === null ? [] : [some])).slice(0, MOST_SHORT),
  }
}

export const NO_WORDS: Query = { terms: [], grams: [], some: [] }

function termsOf(folded: string): string[] {
  return folded.split('"').flatMap((part, place) => {
    if (place % 2 === 0) return part.split(/\s+/).filter((word) => word !== '')
    const phrase = part.trim()
    return phrase === '' ? [] : [phrase]
  })
}

function invalid(problem: string): ChatError {
  return new ChatError('invalid', `q: ${problem}`, { field: 'q' })
}
