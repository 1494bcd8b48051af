/* Reading JSON of which nothing is known. */

export type Fields = Readonly<Record<string, unknown>>

/** Throws where the text is not JSON, or no object. */
export function fieldsOf(text: string): Fields {
  const value: unknown = JSON.parse(text)
  if (!isFields(value)) throw new Error(`not an object: ${text.slice(0, 200)}`)
  return value
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The objects in a list; none where it is no list. */
export function listOf(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.filter(isFields) : []
}

/** The texts that the objects have under a name; where one has none, an empty one stands for it. */
export function textsOf(list: readonly Fields[], name: string): string[] {
  return list.map((fields) => textOf(fields[name]))
}

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
