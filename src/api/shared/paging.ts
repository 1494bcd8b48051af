import { t } from 'elysia'
import { ChatError, isSeq, type PageWanted } from '../../core/index.ts'

/** `?limit=&after=`, the query of a page by id. Without parameters it is the first `most` entries. */
export function paging(most: number) {
  return t.Object({
    limit: limitParameter('Entries in the page', { usual: most, most }),
    after: afterParameter,
  })
}

export function pageOf(query: { limit?: string; after?: string }, most: number): PageWanted {
  const after = /^[0-9]{1,16}$/.test(query.after ?? '0') ? Number(query.after ?? 0) : Number.NaN
  if (!isSeq(after)) throw new ChatError('invalid', 'after: must be an id', { field: 'after' })
  return { after, limit: limitOf(query.limit, { usual: most, most }) }
}

/** Accepted as text and parsed by `limitOf`, so that the error can say what is wrong. */
export function limitParameter(what: string, { usual, most }: { usual: number; most: number }) {
  return t.Optional(
    t.String({
      description: `${what}, 1 to ${most}; ${usual} by default`,
      'x-shown': { type: 'integer', minimum: 1, maximum: most, default: usual, examples: [usual] },
    }),
  )
}

export const afterParameter = t.Optional(
  t.String({
    description: 'The last id of the previous page',
    'x-shown': { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER, examples: [7] },
  }),
)

/** @throws ChatError `invalid` unless it is a whole number from 1 to `most` */
export function limitOf(text: string | undefined, { usual, most }: { usual: number; most: number }): number {
  if (text === undefined) return usual
  const limit = /^[0-9]{1,9}$/.test(text) ? Number(text) : 0
  if (limit >= 1 && limit <= most) return limit
  throw new ChatError('invalid', `limit: must be a whole number from 1 to ${most}`, { field: 'limit' })
}
