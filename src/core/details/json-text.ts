import type { JsonText } from '../model.ts'

/** Returns a value that was parsed from JSON as text, without white space. */
export function jsonText(value: unknown): JsonText {
  return checked(JSON.stringify(value))
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
