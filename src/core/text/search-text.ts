import { normalized, withoutCase } from './folding.ts'
import { withoutIgnorable } from './invisible.ts'

/*
 * How words are compared when somebody searches: by their compatibility form (NFKC), without case and without characters that nobody sees.
 * Accents and umlauts count. Queries and messages are folded here alike.
 */

const ASCII = /^[\0-\x7f]*$/

/**
 * A piece that is folded by itself: a character with what combines with it. The time to normalise a text grows with the square of the
 * combining characters in a row, so a piece has at most 30 of them, as the standard's stream-safe format. Jamo combine, too. Characters that
 * nobody sees belong to the one before.
 */
const PIECE =
  /[\uac00-\ud7a3]?[\u1100-\u11ff\ua960-\ua97f\ud7b0-\ud7ff]{1,32}|[\s\S][\p{M}\p{DI}\uff9e\uff9f]{0,30}/gu
const LONG_RUN = /[\p{M}\p{DI}\uff9e\uff9f]{31}/u

/** Returns a text as it is compared. The time grows with the length only. */
export function searchText(text: string): string {
  if (ASCII.test(text)) return text.toLowerCase()
  return LONG_RUN.test(text) ? pieces(text).map(folded).join('') : folded(text)
}

export interface FoldedText {
  readonly text: string
  /** Returns the part of the original text that a part of the folded one comes from. Indexes are in UTF-16 units. */
  originOf(start: number, end: number): readonly [start: number, end: number]
}

/** Returns a text as it is compared, with the places that its parts come from. */
export function searchTextWithPlaces(text: string): FoldedText {
  if (ASCII.test(text)) return { text: text.toLowerCase(), originOf: (start, end) => [start, end] }
  const starts: number[] = []
  const ends: number[] = []
  let at = 0
  let whole = ''
  for (const piece of pieces(text)) {
    const part = folded(piece)
    whole += part
    for (let i = 0; i < part.length; i++) {
      starts.push(at)
      ends.push(at + piece.length)
    }
    at += piece.length
  }
  return {
    text: whole,
    originOf: (start, end) => [starts[start] ?? text.length, ends[end - 1] ?? text.length],
  }
}

function pieces(text: string): readonly string[] {
  return text.match(PIECE) ?? []
}

function folded(text: string): string {
  return normalized(withoutCase(withoutIgnorable(normalized(text, 'NFKC'))), 'NFKC')
}
