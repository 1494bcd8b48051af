/*
 * JSON that clients send, over REST and sockets alike. Whatever walks a value afterwards (checks, cleaning, error texts) goes
 * down as deep as the value does, so how deep that may be is bounded before anything is parsed.
 */

/** Levels of lists and objects in one another. No contract has a document of more than three. */
const MOST_LEVELS = 64

/** Why a text is not taken for JSON: the message goes on from "The body" or "The frame". */
export class JsonProblem extends Error {}

/** Parses a text. @throws JsonProblem where it is no JSON, or nested deeper than anything that is wanted */
export function readJson(text: string): unknown {
  if (isDeep(text)) throw new JsonProblem(`is nested more than ${MOST_LEVELS} levels deep`)
  try {
    return JSON.parse(text)
  } catch {
    throw new JsonProblem('is not valid JSON')
  }
}

function isDeep(text: string): boolean {
  if (text.length <= MOST_LEVELS) return false
  // Nearly every text has so few brackets that it need not be read unit by unit.
  return countOf('[', text) + countOf('{', text) > MOST_LEVELS && levelsOf(text) > MOST_LEVELS
}

/** How often it has the bracket, counted no further than matters. */
function countOf(bracket: string, text: string): number {
  let count = 0
  let at = text.indexOf(bracket)
  while (at !== -1 && count <= MOST_LEVELS) {
    count++
    at = text.indexOf(bracket, at + 1)
  }
  return count
}

/** The most levels of it that are open at once, as soon as they are too many; brackets within strings are none. */
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
