import { type FoldedText, searchText, searchTextWithPlaces } from '../text/index.ts'

/** The most UTF-16 units of an excerpt, and those of them before the first match. */
const LENGTH = 240
const BEFORE = 60
/** How far a cut may move to the nearest space. */
const LEEWAY = 20

export interface ExcerptPart {
  readonly text: string
  /** Whether it is what was searched for. */
  readonly match: boolean
}

/** Returns whether a text contains all of the terms, which are folded. */
export function containsAll(text: string, terms: readonly string[]): boolean {
  const folded = searchText(text)
  return terms.every((term) => folded.includes(term))
}

/**
 * Returns a piece of a text around the first match, in parts; together they are the piece as it stands in the text. If the text is short,
 * or has none of the terms, it is the beginning of the text.
 */
export function excerptOf(text: string, terms: readonly string[]): readonly ExcerptPart[] {
  const folded = searchTextWithPlaces(text)
  const first = terms.map((term) => folded.text.indexOf(term)).filter((at) => at >= 0)
  const at = first.length === 0 ? 0 : folded.originOf(Math.min(...first), Math.min(...first) + 1)[0]
  const start = text.length <= LENGTH ? 0 : startNear(text, Math.max(0, at - BEFORE))
  const end = endNear(text, Math.min(text.length, start + LENGTH))
  const parts: ExcerptPart[] = []
  const add = (from: number, to: number, match: boolean) => {
    if (from < to) parts.push({ text: text.slice(from, to), match })
  }
  let done = start
  for (const [from, to] of matchesIn(folded, terms, end)) {
    if (from < done) continue
    const until = Math.min(to, end)
    add(done, from, false)
    add(from, until, true)
    done = until
  }
  add(done, end, false)
  return parts
}

/** The places of the terms in the original text, in order, those that meet in one; without those that begin behind `end`. */
function matchesIn(
  folded: FoldedText,
  terms: readonly string[],
  end: number,
): readonly (readonly [number, number])[] {
  const places: (readonly [number, number])[] = []
  for (const term of terms) {
    for (let at = folded.text.indexOf(term); at >= 0; at = folded.text.indexOf(term, at + 1)) {
      const place = folded.originOf(at, at + term.length)
      if (place[0] >= end) break
      places.push(place)
    }
  }
  const merged: [number, number][] = []
  for (const [from, to] of places.toSorted((a, b) => a[0] - b[0] || b[1] - a[1])) {
    const last = merged.at(-1)
    if (last !== undefined && from <= last[1]) last[1] = Math.max(last[1], to)
    else merged.push([from, to])
  }
  return merged
}

/** Returns where to begin at or after `at`: behind a space if there is one near, and never within a character. */
function startNear(text: string, at: number): number {
  if (at === 0) return 0
  const space = text.slice(at, at + LEEWAY).search(/\s/)
  return space >= 0 ? at + space + 1 : between(text, at)
}

function endNear(text: string, at: number): number {
  if (at >= text.length) return text.length
  const space = text.slice(at - LEEWAY, at).search(/\s\S*$/)
  return space >= 0 ? at - LEEWAY + space : between(text, at)
}

/** Returns `at`, or one less if that is within a surrogate pair. */
function between(text: string, at: number): number {
  return /[\ud800-\udbff]/.test(text.charAt(at - 1)) ? at - 1 : at
}
