import { type IntegerOptions, Type } from '@sinclair/typebox'
import { t } from 'elysia'
import { isId } from '../../core/index.ts'

/** Parses an id in a path or a query. Returns null if the text cannot be an id, or is out of range. */
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

/** A parameter in a path. The route validates it, so that an invalid one is reported as "not found", not as "invalid". */
export function pathText(description: string, example: string) {
  return t.String({ description, examples: [example] })
}

/** The range of an id, for the documentation. Ids out of it are refused with each contract's own error text. */
export const idRange = { minimum: 1, maximum: Number.MAX_SAFE_INTEGER }

/** An id in a path or a query, parsed by `parseId`, or one of the given words. */
export function idText(description: string, words: readonly string[] = []) {
  const id = { type: 'integer', ...idRange }
  const shown = words.length === 0 ? id : { anyOf: [id, { type: 'string', enum: words }] }
  return t.String({ description, 'x-shown': { ...shown, examples: [7] } })
}

/** A JSON number without a fraction. Elysia's own schema also accepts numbers in strings. */
export function integer(options: IntegerOptions = {}) {
  return Type.Integer(options)
}
