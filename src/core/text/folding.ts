/*
 * The one file that normalises text. The time for that grows with the square of the combining characters in a row, so every text has
 * to pass `isShort` before, or, as in `search-text.ts`, be cut where such a row is long.
 */

export type Form = 'NFC' | 'NFD' | 'NFKC'

/** Returns whether a text may be normalised as a name of at most `limit` code points, sent as up to four UTF-16 units for each. */
export function isShort(text: string, limit: number): boolean {
  return text.length <= 4 * limit
}

/** @param text a short one, as `isShort` tells */
export function normalized(text: string, form: Form): string {
  return text.normalize(form)
}

/**
 * Returns a text without differences of case, as Unicode's full case folding does. It goes by way of the capital. Only the Greek sigma is
 * folded by its position in the word, which the last step undoes.
 */
export function withoutCase(text: string): string {
  return text.toLowerCase().toUpperCase().toLowerCase().replaceAll('ς', 'σ')
}
