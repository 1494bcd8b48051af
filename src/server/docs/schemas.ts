import { TypeGuard } from '@sinclair/typebox'
import { type ShownSettings, shownKeywords } from './shown.ts'

/** Schemas under the names that documents give to them. */
export type NamedSchemas = Readonly<Record<string, unknown>>

/** Returns a schema as JSON, in which what has a name is a reference. */
export type Refer = (schema: unknown) => unknown

export interface Components {
  /** @param named the names that hold here; what is no schema is passed over */
  naming(named: NamedSchemas): Refer
  /**
   * Returns what was referred to, by name.
   * @throws Error if two schemas have one name
   */
  used(): Readonly<Record<string, unknown>>
}

/**
 * Writes schemas as JSON Schema for a document, with `#/components/schemas/` as the place of those that have names. Schemas are
 * told by what they say, since TypeBox copies what is optional.
 */
export function createComponents(settings: ShownSettings): Components {
  const used = new Map<string, { readonly source: string; body: unknown }>()

  function naming(named: NamedSchemas): Refer {
    const schemas = Object.entries(named).filter(([, value]) => TypeGuard.IsSchema(value))
    const names = new Map(schemas.map(([name, schema]) => [sourceOf(schema), name]))

    function refer(value: unknown): unknown {
      const source = sourceOf(value)
      const name = names.get(source)
      if (name === undefined) return inline(value)
      const known = used.get(name)
      if (known !== undefined && known.source !== source) throw new Error(`two schemas are called ${name}`)
      if (known === undefined) {
        // Set first: a schema is not defined twice if it is referred to from within.
        const entry: { source: string; body: unknown } = { source, body: null }
        used.set(name, entry)
        entry.body = inline(value)
      }
      return { $ref: `#/components/schemas/${name}` }
    }

    function inline(value: unknown): unknown {
      if (Array.isArray(value)) return value.map(refer)
      if (!isRecord(value)) return value
      // TypeBox's own marks are symbols, and stay behind.
      const parts = Object.entries(shownKeywords(value, settings))
        .filter(([key, part]) => key !== CLOSED || part !== false)
        .map(([key, part]) => [key, refer(part)])
      return asEnum(Object.fromEntries(parts))
    }

    return refer
  }

  return {
    naming,
    used: () =>
      Object.fromEntries([...used].map(([name, { body }]) => [name, body] as const).toSorted(byName)),
  }
}

/**
 * Elysia writes `additionalProperties: false` into the schemas of responses when it compiles a route, at the route's first request.
 * Documents leave objects open: fields may come within a version.
 */
const CLOSED = 'additionalProperties'

/** What a schema says, as text. The order of its keywords says nothing, and the plugin changes it. */
function sourceOf(value: unknown): string {
  return JSON.stringify(value, (key, part: unknown) => {
    if (key === CLOSED && part === false) return undefined
    return isRecord(part) ? Object.fromEntries(Object.entries(part).toSorted(byName)) : part
  })
}

/** Writes a choice between constants as `enum`, which more programs read than a union of `const`. */
function asEnum(schema: Record<string, unknown>): Record<string, unknown> {
  const { anyOf, ...rest } = schema
  if (!Array.isArray(anyOf) || anyOf.length === 0) return schema
  const constants: unknown[] = anyOf.map((each) =>
    isRecord(each) && 'const' in each ? each.const : undefined,
  )
  return constants.every((each) => typeof each === 'string')
    ? { type: 'string', enum: constants, ...rest }
    : schema
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Returns the value if it is a record, or an empty one. */
export function recordOf(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {}
}
