import { type IntegerOptions, Type } from '@sinclair/typebox'
import { t } from 'elysia'
import { isId } from '../../core/index.ts'

/** An id as it stands in a path or a query; null for what cannot be one, out of range included. */
export function parseId(text: string) {
  if (!/^[0-9]{1,16}$/.test(text)) return null
  const value = Number(text)
  return isId(value) ? value : null
}

/** The schema of an id that contracts show as a string. */
export const wireId = t.String({
  description: 'An id: a positive integer up to 2^53-1, as a string',
  examples: ['7'],
})

/** A path's parameter. What it may be is decided by the route, as "not found" rather than as "not valid". */
export function pathText(description: string, example: string) {
  return t.String({ description, examples: [example] })
}

/** A JSON number without a fraction, and nothing else: Elysia's own takes numbers in strings as well. */
export function integer(options: IntegerOptions = {}) {
  return Type.Integer(options)
}
