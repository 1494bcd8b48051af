import { type TSchema, TypeGuard } from '@sinclair/typebox'
import * as wire from '../wire/index.ts'

export interface Schemas {
  /** The schema as JSON, in which what the wire has a name for is a reference. */
  refer(schema: TSchema): unknown
  /** What was referred to, by name. */
  used(): Readonly<Record<string, unknown>>
}

/** Schemas under the names that the wire exports them by. They are told by what they say, since TypeBox copies what is optional. */
export function createSchemas(): Schemas {
  const named = Object.entries(wire).filter(([, value]) => TypeGuard.IsSchema(value))
  const names = new Map(named.map(([name, schema]) => [JSON.stringify(schema), name]))
  const used = new Map<string, unknown>()

  function refer(value: unknown): unknown {
    const name = names.get(JSON.stringify(value))
    if (name === undefined) return inline(value)
    if (!used.has(name)) {
      // Taken first: a schema is not defined twice, whatever refers to it meanwhile.
      used.set(name, null)
      used.set(name, inline(value))
    }
    return { $ref: `#/components/schemas/${name}` }
  }

  function inline(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(refer)
    if (typeof value !== 'object' || value === null) return value
    // TypeBox's own marks are symbols, and stay behind.
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, refer(part)]))
  }

  return {
    refer,
    used: () => Object.fromEntries([...used].toSorted(([a], [b]) => (a < b ? -1 : 1))),
  }
}
