import type { Static, TSchema } from '@sinclair/typebox'
import { type TypeCheck, TypeCompiler } from '@sinclair/typebox/compiler'
import { exact } from './exact.ts'

/** Checks against the wire's schemas, with nothing let through that they do not name. */
export interface ExactShape<T extends TSchema> {
  is(value: unknown): value is Static<T>
  /** The value as what it must be; throws what is wrong where it is not exactly that. */
  parse(value: unknown): Static<T>
}

export function exactly<T extends TSchema>(schema: T): ExactShape<T> {
  const check: TypeCheck<TSchema> = TypeCompiler.Compile(exact(schema))
  const is = (value: unknown): value is Static<T> => check.Check(value)
  return {
    is,
    parse(value) {
      if (is(value)) return value
      const first = check.Errors(value).First()
      throw new Error(`${first?.path} ${first?.message}, in ${JSON.stringify(value)?.slice(0, 500)}`)
    },
  }
}
