import type { Static, TSchema } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'

/** Returns the value with the type of the shape. Throws the differences if it does not have exactly this shape. */
export function parse<T extends TSchema>(shape: T, value: unknown): Static<T> {
  if (Value.Check(shape, value)) return value
  const first = Value.Errors(shape, value).First()
  throw new Error(`${first?.path} ${first?.message}, in ${JSON.stringify(value)?.slice(0, 500)}`)
}
