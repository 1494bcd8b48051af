import fc from 'fast-check'
import type { Schema } from './operations.ts'
import { fits } from './validate.ts'

/** Things that exist, by the name of the parameter or field that names them. A body that names anything else is refused. */
export type Pool = Readonly<Record<string, readonly unknown[]>>

/** Returns values that a schema accepts. @param name the parameter's or field's */
export function valuesOf(schema: Schema, name: string, pool: Pool): fc.Arbitrary<unknown> {
  const there = isNew(schema) ? [] : (pool[name] ?? []).filter((value) => fits(schema, value))
  return there.length === 0 ? madeUp(schema, name, pool) : fc.constantFrom(...there)
}

/** A name that is to be given, so no other may have it. */
function isNew({ format }: Schema): boolean {
  return format === 'room-name' || format === 'username'
}

function madeUp(schema: Schema, name: string, pool: Pool): fc.Arbitrary<unknown> {
  if ('const' in schema) return fc.constant(schema.const)
  if (Array.isArray(schema.enum)) return fc.constantFrom(...schema.enum)
  if (Array.isArray(schema.anyOf)) return fc.oneof(...schema.anyOf.map((each) => valuesOf(each, name, pool)))
  switch (schema.type) {
    case 'null':
      return fc.constant(null)
    case 'boolean':
      return fc.boolean()
    case 'integer':
      return integers(schema)
    case 'string':
      return strings(schema)
    case 'array':
      return arrays(schema, name, pool)
    case 'object':
      return objects(schema, pool)
    default:
      throw new Error(`no values of ${JSON.stringify(schema)}`)
  }
}

function integers({ minimum, maximum }: Schema): fc.Arbitrary<number> {
  const min = Number(minimum ?? Number.MIN_SAFE_INTEGER)
  const max = Number(maximum ?? Number.MAX_SAFE_INTEGER)
  return fc.oneof(fc.integer({ min, max: Math.min(max, min + 50) }), fc.constantFrom(min, max))
}

function strings(schema: Schema): fc.Arbitrary<string> {
  if (schema.format === 'room-name') return fc.constantFrom('Раum', '部屋', 'Café 🎉', 'room').map(unique)
  // What such a name may not hold is more than a pattern can say in a line.
  if (schema.format === 'person-name') return fc.constantFrom('', 'Alice', 'Jörg', '花子', 'Zoë 🎉')
  if (schema.format === 'reaction') return fc.constantFrom('👍', '❤️', '👩‍👩‍👧', 'tada', '+1')
  if (schema.format === 'search-query') return fc.constantFrom('hello', 'Grüße', '日', '"two words" 👍')
  if (schema.format === 'date-time') return fc.constantFrom('2026-02-13T10:00:00Z', '2020-01-01T00:00:00.5Z')
  if (schema.format === 'username') return fc.constantFrom('alice', 'jörg', '花子').map(unique)
  const max = Number(schema.maxLength ?? 200)
  const known = [...words, 'x'.repeat(max), '🎉'.repeat(max), 'e'.repeat(Math.max(0, max - 1))].filter(
    (word) => fits(schema, word),
  )
  const examples = Array.isArray(schema.examples) ? schema.examples.map(String) : []
  const fitting = known.length === 0 ? examples : known
  if (fitting.length === 0) throw new Error(`no example of ${JSON.stringify(schema)}`)
  const fixed = fc.constantFrom(...fitting)
  const random = fc.string({ unit: 'grapheme', maxLength: Math.min(max, 60) })
  return fc.tuple(random, fixed).map(([made, word]) => (fits(schema, made) ? made : word))
}

function unique(name: string): string {
  return `${name}${crypto.randomUUID().slice(0, 8)}`
}

function arrays(schema: Schema, name: string, pool: Pool): fc.Arbitrary<unknown[]> {
  const items = isSchema(schema.items) ? valuesOf(schema.items, name, pool) : fc.constant(null)
  const minLength = Number(schema.minItems ?? 0)
  return fc.array(items, {
    minLength,
    maxLength: Math.max(minLength, Math.min(Number(schema.maxItems ?? 5), 5)),
  })
}

function objects(schema: Schema, pool: Pool): fc.Arbitrary<Record<string, unknown>> {
  const fields = fieldsOf(schema)
  const record = fc.record(
    Object.fromEntries(fields.map(([name, field]) => [name, valuesOf(field, name, pool)])),
    { requiredKeys: requiredIn(schema) },
  )
  const least = Number(schema.minProperties ?? 0)
  return record.filter((value) => Object.keys(value).length >= least)
}

/** Returns values that a schema refuses. */
export function refusedBy(schema: Schema): unknown[] {
  const { minimum, maximum, maxLength, minLength } = schema
  const near = [
    ...(minimum === undefined ? [] : [Number(minimum) - 1]),
    ...(maximum === undefined ? [] : [Number(maximum) + 1]),
    ...(maxLength === undefined ? [] : ['x'.repeat(Number(maxLength) + 1)]),
    ...(minLength === undefined ? [] : ['']),
  ]
  return [...near, ...oddities].filter((value) => !fits(schema, value))
}

export function fieldsOf(schema: Schema): [string, Schema][] {
  const { properties } = schema
  if (typeof properties !== 'object' || properties === null) return []
  return Object.entries(properties).filter((entry): entry is [string, Schema] => isSchema(entry[1]))
}

export function requiredIn({ required }: Schema): string[] {
  return Array.isArray(required) ? required.map(String) : []
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const oddities = [
  '\u200b',
  '\u3164\u2800',
  null,
  true,
  0,
  -1,
  1.5,
  2 ** 53,
  '',
  'nonsense',
  '\0',
  [],
  {},
  [null],
  ['x'],
  1e308,
]

const words = [
  ...[
    'text',
    'a',
    'Hello, World!',
    '0',
    '9',
    'true',
    'null',
    'ab-1_c',
    'ünï 日本',
    '👩‍👩‍👧',
    "' or 1=1--",
    '../..',
  ],
  // Nothing that is seen, but for the last: its sign has the class of such characters.
  ...['\u200b', '\u2800', '\u3164', '\u00ad', '\u0600'],
  ...['%00', '<b>', '__proto__', 'x'.repeat(32), '0'.repeat(40), 'f'.repeat(64)],
]
