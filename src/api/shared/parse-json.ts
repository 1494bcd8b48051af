import type { Static, TSchema } from '@sinclair/typebox'
import type { TypeCheck } from '@sinclair/typebox/compiler'
import { JsonProblem, readJson } from '../../server/index.ts'

/** Parses a JSON frame and checks its schema. Returns the frame, or the error text for the client. */
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
