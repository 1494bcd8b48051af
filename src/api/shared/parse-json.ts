import type { Static, TSchema } from '@sinclair/typebox'
import type { TypeCheck } from '@sinclair/typebox/compiler'
import { JsonProblem, readJson } from '../../server/index.ts'

/** A frame that is JSON of a schema, or why it is not, in words for the client. */
export function parseJson<Schema extends TSchema>(
  schema: TypeCheck<Schema>,
  text: string,
): Static<Schema> | string {
  let value: unknown
  try {
    value = readJson(text)
  } catch (error) {
    if (error instanceof JsonProblem) return `The frame ${error.message}`
    throw error
  }
  if (schema.Check(value)) return value
  const first = schema.Errors(value).First()
  const name = first?.path.slice(1) ?? ''
  return name === '' ? 'The frame must be a JSON object' : `${name}: ${first?.message}`
}
