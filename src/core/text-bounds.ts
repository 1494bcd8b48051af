import type { Weights } from './batched-look-ups.ts'
import { MOST_DETAILS_LENGTH } from './details/index.ts'

/** The most characters (code points) of text on a page of messages, besides one message more. */
export const PAGE_TEXT = 262_144
/** The most that the pages which one statement reads may hold together, besides one message more each. */
const STATEMENT_TEXT = 16 * PAGE_TEXT

/** Returns the most characters of a page of so many messages. @param longest the most characters of a message, without its details */
export function mostTextOf(messages: number, longest: number): number {
  return Math.min(PAGE_TEXT, messages * (longest + MOST_DETAILS_LENGTH))
}

/** Limits the pages that one statement reads by the text that they may hold. @param textOf returns the most characters of a page */
export function textWeights<Question>(textOf: (question: Question) => number): Weights<Question> {
  return { most: STATEMENT_TEXT, of: textOf }
}
