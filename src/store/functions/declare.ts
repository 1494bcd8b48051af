import type { Sql } from 'postgres'
import { fromNumberArray, fromTextArray, toArray } from '../sql/index.ts'

/** The SQL types that the functions use, with their TypeScript types. */
interface Values {
  readonly bigint: number
  readonly int: number
  readonly text: string
  readonly boolean: boolean
  /** Milliseconds since 1970. */
  readonly timestamptz: number
  readonly 'bigint[]': readonly number[]
  readonly 'bigint?[]': readonly (number | null)[]
  readonly 'int[]': readonly number[]
  readonly 'text[]': readonly string[]
  readonly 'text?[]': readonly (string | null)[]
}

/** A `?` at the end admits null. */
export type Type = keyof Values | `${keyof Values}?`
export type Types = Readonly<Record<string, Type>>
export type ValuesOf<T extends Types> = { readonly [Name in keyof T]: Value<T[Name]> }

type Value<T> = T extends keyof Values
  ? Values[T]
  : T extends `${infer Some extends keyof Values}?`
    ? Values[Some] | null
    : never

/** One SQL function of `drizzle/functions/`. */
export interface SqlFunction<In extends Types = Types, Out extends Types = Types> {
  readonly name: string
  /** In the order of the SQL function, without the `p_` of its names. */
  readonly parameters: In
  /** The columns of its result, in order; empty for a function that returns nothing. */
  readonly columns: Out
  /** Calls it and returns its rows. @throws what the driver throws; `guard.ts` has the functions' own errors */
  rows(sql: Sql, values: ValuesOf<In>): Promise<ValuesOf<Out>[]>
  /** The same for a function whose result is always one row. */
  row(sql: Sql, values: ValuesOf<In>): Promise<ValuesOf<Out>>
}

/**
 * Declares a SQL function; its statement is composed once. `test/store/functions.test.ts` compares every declaration with `pg_proc`,
 * so the types of the rows are true. Arrays are sent as text in Postgres's notation, one parameter per column, so that the driver
 * neither inspects nor converts each element.
 */
export function declare<const In extends Types, const Out extends Types>(
  name: string,
  parameters: In,
  columns: Out,
): SqlFunction<In, Out> {
  const inputs = Object.entries(parameters)
  const outputs = Object.entries(columns)
  const arrays = outputs.filter(([, type]) => type.includes('[]'))
  const statement = statementOf(name, inputs, outputs)

  async function rows(sql: Sql, values: ValuesOf<In>): Promise<ValuesOf<Out>[]> {
    const sent = inputs.map(([parameter]) => toParameter(values[parameter]))
    const found = await sql.unsafe<ValuesOf<Out>[]>(statement, sent, { prepare: sql.options.prepare })
    for (const row of found) parseArrays(row, arrays)
    return found
  }

  return {
    name,
    parameters,
    columns,
    rows,
    async row(sql, values) {
      const [row] = await rows(sql, values)
      if (row === undefined) throw new Error(`${name} returned nothing`)
      return row
    },
  }
}

type Named = readonly (readonly [name: string, type: Type])[]

/** Returns for instance `select seq::float8 as seq from parley_lock(p_room => $1::bigint)`. */
function statementOf(name: string, inputs: Named, outputs: Named): string {
  const given = inputs.map(([parameter, type], i) => `p_${parameter} => ${parameterOf(type, i + 1)}`)
  const wanted = outputs.map(([column, type]) => `${resultOf(column, type)} as ${column}`)
  // A function that returns nothing has one column, which is empty.
  return `select ${wanted.join(', ') || '1'} from ${name}(${given.join(', ')})`
}

function parameterOf(type: Type, place: number): string {
  const plain = sqlType(type)
  return plain.endsWith('[]') ? `$${place}::text::${plain}` : `$${place}::${plain}`
}

function resultOf(column: string, type: Type): string {
  const plain = sqlType(type)
  if (plain.endsWith('[]')) return `${column}::text`
  if (plain === 'bigint') return `${column}::float8`
  if (plain === 'timestamptz') return `(extract(epoch from ${column}) * 1000)::float8`
  return column
}

/** Returns the type's name in Postgres. */
export function sqlType(type: Type): string {
  return type.replaceAll('?', '')
}

function toParameter(value: Value<Type> | undefined): string | number | boolean | null {
  if (value === undefined || value === null) return null
  return typeof value === 'object' ? toArray(value) : value
}

/** Parses the row's arrays, which arrive as text, in place. */
function parseArrays(row: object, arrays: Named): void {
  for (const [column, type] of arrays) {
    const text: unknown = Reflect.get(row, column)
    if (typeof text !== 'string') continue
    Reflect.set(row, column, type === 'text[]' ? fromTextArray(text) : fromNumberArray(text))
  }
}
