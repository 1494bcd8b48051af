/*
 * What messages are found by. From each character of the folded text on, a gram stands for what follows: for scripts that write a word in
 * one or two characters, and for emoji, one gram for the character and one for it with the next one; for all others one for the
 * character, the next one, and the class of the third. So any two characters that follow each other are found wherever they are,
 * and three are enough to find little else. White space is the last of three, or between two words that follow each other.
 *
 * A gram is an integer from 0 to 2^31-1. Different ones may have the same number; whoever searches compares the words.
 */

/** Classes of the third character: 0 for white space and the end, 26 letters, and the rest spread over the others. */
const CLASSES = 64
const CLASS_BITS = 6
const LETTERS = 26

/** The most grams that a query asks for. They are enough to find little else. */
const MOST_ASKED = 24

/** Returns the grams of a folded text, each once. */
export function gramsOf(folded: string): number[] {
  const grams = new Set<number>()
  const points = pointsOf(folded)
  for (let i = 0; i < points.length; i++) {
    const [a, b] = [points[i] ?? SPACE, points[i + 1] ?? SPACE]
    if (isSpace(a)) continue
    if (isWide(a)) {
      grams.add(single(a))
      if (!isSpace(b)) grams.add(pair(a, b))
    } else {
      const third = classOf(points[i + 2] ?? SPACE)
      if (!isSpace(b)) grams.add(triple(a, b, third))
      else if (third > 0) grams.add(triple(a, SPACE, third))
    }
  }
  return [...grams]
}

/** What a message that has some text has: all of `all`, and one of `some`, which is null if `all` is enough. */
export interface AskedGrams {
  readonly all: readonly number[]
  readonly some: readonly number[] | null
}

/** @param folded a text as it is searched for. @returns null for one that no gram stands for: white space, and single letters */
export function askedGramsOf(folded: string): AskedGrams | null {
  const points = pointsOf(folded)
  const all = new Set<number>()
  let some: readonly number[] | null = null
  for (let i = 0; i < points.length; i++) {
    const [a, b, c] = [points[i] ?? SPACE, points[i + 1], points[i + 2]]
    if (isSpace(a)) continue
    if (isWide(a)) {
      all.add(b === undefined || isSpace(b) ? single(a) : pair(a, b))
    } else if (b !== undefined && isSpace(b)) {
      if (c !== undefined && classOf(c) > 0) all.add(triple(a, SPACE, classOf(c)))
    } else if (b !== undefined) {
      if (c !== undefined) all.add(triple(a, b, classOf(c)))
      else some = Array.from({ length: CLASSES }, (_, third) => triple(a, b, third))
    }
  }
  if (all.size > 0) return { all: spread([...all]), some: null }
  return some && { all: [], some }
}

/** Leaves some out, evenly, if there are too many. */
function spread(grams: readonly number[]): readonly number[] {
  const step = Math.max(1, grams.length / MOST_ASKED)
  return grams.filter((_, i) => Math.floor(i / step) !== Math.floor((i - 1) / step))
}

const SPACE = 0x20

function pointsOf(text: string): readonly number[] {
  const points: number[] = []
  for (let i = 0; i < text.length; i++) {
    const point = text.codePointAt(i) ?? SPACE
    points.push(point)
    if (point > 0xffff) i++
  }
  return points
}

function isSpace(point: number): boolean {
  if (point < 0x1000) return point <= SPACE || point === 0x85
  return /\s/.test(String.fromCodePoint(point))
}

const WIDE =
  /[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Hangul}\p{scx=Bopomofo}\p{scx=Yi}\p{ExtPict}]/u

function isWide(point: number): boolean {
  return point >= 0x1100 && WIDE.test(String.fromCodePoint(point))
}

function classOf(point: number): number {
  if (isSpace(point)) return 0
  const letter = point - 0x61
  if (letter >= 0 && letter < LETTERS) return 1 + letter
  return 1 + LETTERS + (point % (CLASSES - LETTERS - 1))
}

function single(a: number): number {
  return hashed(a, 1) & 0x7fff_ffff
}

function pair(a: number, b: number): number {
  return hashed(a, b * 3 + 2) & 0x7fff_ffff
}

function triple(a: number, b: number, third: number): number {
  return ((hashed(a, b * 3) & 0x1ff_ffff) << CLASS_BITS) | third
}

/** Mixes two numbers, as MurmurHash3 ends. The database keeps these numbers: if they change, all messages must be indexed again. */
function hashed(a: number, b: number): number {
  let hash = Math.imul(a, 0x9e37_79b1) ^ Math.imul(b, 0x85eb_ca77)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35)
  return hash ^ (hash >>> 16)
}
