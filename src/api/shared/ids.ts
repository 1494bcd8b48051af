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
  pattern: '^[1-9][0-9]{0,15}$',
  description: 'An id: a positive integer up to 2^53-1, as a string',
  examples: ['7'],
})

/** A path's parameter. What it may be is decided by the route, as "not found" rather than as "not valid". */
export function pathText(description: string, example: string) {
  return t.String({ description, examples: [example] })
}

/** What an id may be, for the documents: bodies with others are refused in a contract's own words. */
export const idRange = { minimum: 1, maximum: Number.MAX_SAFE_INTEGER }

/** An id in a path or a query, which is read by `parseId`; or one of the words. */
export function idText(description: string, words: readonly string[] = []) {
  const id = { type: 'integer', ...idRange }
  const shown = words.length === 0 ? id : { anyOf: [id, { type: 'string', enum: words }] }
  return t.String({ description, 'x-shown': { ...shown, examples: [7] } })
}

/** A JSON number without a fraction, and nothing else: Elysia's own takes numbers in strings as well. */
export function integer(options: IntegerOptions = {}) {
  return Type.Integer(options)
}
