/*
 * Parses the JSON that clients send, over REST and sockets alike. Code that walks a value afterwards (checks, cleaning, error texts)
 * recurses as deep as the value is, so the depth is bounded before anything is parsed.
 */
import { countOf } from './count-of.ts'

/** The most levels of nested arrays and objects. No contract has a document with more than three. */
const MOST_LEVELS = 64
/** The most keys of all objects together: the engine interns each one, which costs far more than its bytes. */
const MOST_KEYS = 1000
/** The most commas outside strings: values beside others. Each value costs some hundred nanoseconds to read, check and collect. */
const MOST_VALUES = 10_000

/** Says why a text is not accepted as JSON. The message continues "The body" or "The frame". */
export class JsonProblem extends Error {}

/** Parses a text. @throws JsonProblem if it is not JSON, is nested too deep, or has too many keys or values */
export function readJson(text: string): unknown {
  if (isDeep(text)) throw new JsonProblem(`is nested more than ${MOST_LEVELS} levels deep`)
  if (hasMore(text, ':', MOST_KEYS)) throw new JsonProblem(`has more than ${MOST_KEYS} keys`)
  if (hasMore(text, ',', MOST_VALUES)) throw new JsonProblem(`has more than ${MOST_VALUES} values`)
  try {
    return JSON.parse(text)
  } catch {
    throw new JsonProblem('is not valid JSON')
  }
}

function isDeep(text: string): boolean {
  if (text.length <= MOST_LEVELS) return false
  // Nearly every text has so few brackets that it need not be scanned character by character.
  const most = MOST_LEVELS + 1
  return countOf('[', text, most) + countOf('{', text, most) > MOST_LEVELS && levelsOf(text) > MOST_LEVELS
}

/** Returns whether a text has a character more than `most` times outside strings. */
function hasMore(text: string, character: string, most: number): boolean {
  // Nearly every text has so few of them in all that it need not be scanned character by character.
  return countOf(character, text, most + 1) > most && countOutsideStrings(text, character, most + 1) > most
}

/** Counts no further than `most`. */
function countOutsideStrings(text: string, character: string, most: number): number {
  const wanted = character.charCodeAt(0)
  let count = 0
  let inString = false
  for (let at = 0; at < text.length && count < most; at++) {
    const unit = text.charCodeAt(at)
    if (unit === QUOTE) inString = !inString
    else if (inString) at += unit === BACKSLASH ? 1 : 0
    else if (unit === wanted) count++
  }
  return count
}

/** Returns the most levels that are open at once, and stops as soon as there are too many. Brackets in strings do not count. */
function levelsOf(text: string): number {
  let most = 0
  let open = 0
  let inString = false
  for (let at = 0; at < text.length && most <= MOST_LEVELS; at++) {
    const unit = text.charCodeAt(at)
    if (unit === QUOTE) inString = !inString
    else if (inString) at += unit === BACKSLASH ? 1 : 0
    else if (unit === LIST || unit === OBJECT) most = Math.max(most, ++open)
    else if (unit === LIST_END || unit === OBJECT_END) open--
  }
  return most
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const LIST = 0x5b
const LIST_END = 0x5d
const OBJECT = 0x7b
const OBJECT_END = 0x7d
