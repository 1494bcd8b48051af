import type { Static, TSchema } from '@sinclair/typebox'
import type { TypeCheck } from '@sinclair/typebox/compiler'

/** A frame that is JSON of a schema, or why it is not, in words for the client. */
export function parseJson<Schema extends TSchema>(
  schema: TypeCheck<Schema>,
  text: string,
): Static<Schema> | string {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return 'The frame is not valid JSON'
  }
  if (schema.Check(value)) return value
  const first = schema.Errors(value).First()
  const name = first?.path.slice(1) ?? ''
  return name === '' ? 'The frame must be a JSON object' : `${name}: ${first?.message}`
}
