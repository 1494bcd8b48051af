import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import type { Schema } from './operations.ts'

const ajv = addFormats.default(new Ajv2020({ strict: false, allErrors: false }))
for (const format of ['username', 'room-name', 'person-name', 'cursor', 'reaction', 'search-query'])
  ajv.addFormat(format, true)

const compiled = new WeakMap<Schema, ReturnType<typeof ajv.compile>>()

/** Returns what is wrong with a value by a schema; null for nothing. */
export function complaintOf(schema: Schema, value: unknown): string | null {
  const check = compiled.get(schema) ?? ajv.compile(schema)
  compiled.set(schema, check)
  return check(value) ? null : ajv.errorsText(check.errors)
}

export function fits(schema: Schema, value: unknown): boolean {
  return complaintOf(schema, value) === null
}

/** Returns the schema, by which objects have no fields besides those that are described. */
export function closed(schema: Schema): Schema {
  return Object.fromEntries(close(schema))
}

function close(schema: object): [string, unknown][] {
  const parts = Object.entries(schema).map(([key, part]): [string, unknown] => [key, closedPart(key, part)])
  const isObject = 'properties' in schema && !('patternProperties' in schema)
  return isObject ? [...parts, ['additionalProperties', false]] : parts
}

function closedPart(key: string, part: unknown): unknown {
  if (typeof part !== 'object' || part === null || key === 'examples' || key === 'example') return part
  if (Array.isArray(part)) return part.map((each) => closedPart('', each))
  // The names of fields are no keywords.
  if (key !== 'properties') return Object.fromEntries(close(part))
  return Object.fromEntries(Object.entries(part).map(([name, each]) => [name, closedPart('', each)]))
}
