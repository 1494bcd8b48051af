import type { JsonText } from '../model.ts'

/**
 * Returns a value that was parsed from JSON as text, without white space. A number such as 1e400, which was read as infinite, becomes the
 * greatest one with its sign. `metadata` refuses that, and would let null pass, which `JSON.stringify` makes of it.
 */
export function jsonText(value: unknown): JsonText {
  return checked(JSON.stringify(value, finite))
}

function finite(_: string, value: unknown): unknown {
  return value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY
    ? Math.sign(value) * Number.MAX_VALUE
    : value
}

/** Returns a text that `jsonText` returned before, as it comes from a store. */
export function storedJson(text: string): JsonText {
  return checked(text)
}

/** Returns the object that the text stands for. */
export function jsonObject(text: JsonText): Readonly<Record<string, unknown>> {
  return JSON.parse(text)
}

function checked(text: string): JsonText {
  if (!isJson(text)) throw new Error('the value is not JSON')
  return text
}

function isJson(text: string | undefined): text is JsonText {
  return text !== undefined
}
