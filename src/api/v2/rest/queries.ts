import { t } from 'elysia'
import { ChatError, isSeq, type PageWanted, type Seq } from '../../../core/index.ts'
import { type CursorKind, cursorOf, readCursor } from './cursor.ts'

/** The number of entries in a page. */
const USUAL = 50
const MOST = 200

/** `?limit=&cursor=`, the query of every list. */
export const pageQuery = {
  limit: t.Optional(
    t.String({
      description: `Entries in the page, 1 to ${MOST}; ${USUAL} by default`,
      'x-shown': { type: 'integer', minimum: 1, maximum: MOST, default: USUAL, examples: [USUAL] },
    }),
  ),
  cursor: t.Optional(
    t.String({
      description: 'The `next` of the previous page',
      examples: [cursorOf('rooms', 7)],
      'x-shown': { format: 'cursor', pattern: '^[A-Za-z0-9_-]{1,64}$' },
    }),
  ),
}
export const PageQuery = t.Object(pageQuery)

export interface PageAsked {
  readonly limit?: string
  readonly cursor?: string
}

/**
 * Returns a page of a list sorted by id.
 * @param read returns the entries after an id, up to a number
 * @param idOf returns the id of an entry
 * @throws ChatError `invalid` if limit or cursor is invalid
 */
export async function pageById<Entry, Body>(
  kind: CursorKind,
  query: PageAsked,
  read: (page: PageWanted) => Promise<readonly Entry[]>,
  idOf: (entry: Entry) => number,
  show: (entries: readonly Entry[]) => Body[] | Promise<Body[]>,
): Promise<{ items: Body[]; next: string | null }> {
  const limit = pageLimit(query)
  const after = query.cursor === undefined ? 0 : readCursor(query.cursor, [kind]).at
  // One more entry than the page shows whether there is a next page.
  const found = await read({ after, limit: limit + 1 })
  const entries = found.slice(0, limit)
  const last = entries.at(-1)
  const more = found.length > limit && last !== undefined
  return { items: await show(entries), next: more ? cursorOf(kind, idOf(last)) : null }
}

/**
 * Returns a page of a list sorted by numbers, the latest first.
 * @param read returns the entries before a number, up to a number of them; null for the first page
 * @param seqOf returns the number of an entry
 * @throws ChatError `invalid` if limit or cursor is invalid
 */
export async function latestFirst<Entry, Body>(
  kind: CursorKind,
  query: PageAsked,
  read: (before: Seq | null, limit: number) => Promise<readonly Entry[]>,
  seqOf: (entry: Entry) => Seq,
  show: (entries: readonly Entry[]) => Body[],
): Promise<{ items: Body[]; next: string | null }> {
  const limit = pageLimit(query)
  const before = query.cursor === undefined ? null : readCursor(query.cursor, [kind]).at
  const found = await read(before, limit + 1)
  const entries = found.slice(0, limit)
  const last = entries.at(-1)
  const more = found.length > limit && last !== undefined
  return { items: show(entries), next: more ? cursorOf(kind, seqOf(last)) : null }
}

export function pageLimit({ limit }: PageAsked): number {
  return integerOf('limit', limit, { usual: USUAL, least: 1, most: MOST })
}

/** A number of a room, or of a user's memberships, in the query. */
export function seqParameter(description: string) {
  return t.Optional(
    t.String({
      description,
      'x-shown': { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER, examples: [42] },
    }),
  )
}

/** @throws ChatError `invalid` if the text is not a number of a room, or of a user's memberships */
export function seqOf(name: string, text: string): Seq {
  const seq = /^[0-9]{1,16}$/.test(text) ? Number(text) : Number.NaN
  if (isSeq(seq)) return seq
  throw new ChatError('invalid', `${name}: must be a whole number, as \`seq\` and \`user_seq\` are`, {
    field: name,
  })
}

/** Accepted as text, so that the error can say what is wrong. @throws ChatError `invalid` if it is out of range */
export function integerOf(
  name: string,
  text: string | undefined,
  { usual, least, most }: { readonly usual: number; readonly least: number; readonly most: number },
): number {
  if (text === undefined) return usual
  const value = /^[0-9]{1,9}$/.test(text) ? Number(text) : Number.NaN
  if (value >= least && value <= most) return value
  throw new ChatError('invalid', `${name}: must be a whole number from ${least} to ${most}`, { field: name })
}

/** @throws ChatError `invalid` if it is neither `true` nor `false` */
export function flagOf(name: string, text = 'false'): boolean {
  if (text === 'true' || text === 'false') return text === 'true'
  throw new ChatError('invalid', `${name}: must be true or false`, { field: name })
}

/**
 * Returns the number after which a list goes on: that of `after`, or of the cursor of an earlier page; null without either.
 * @throws ChatError `invalid`
 */
export function placeIn(
  { after, cursor }: { readonly after?: string; readonly cursor?: string },
  kind: CursorKind,
): Seq | null {
  if (cursor === undefined) return after === undefined ? null : seqOf('after', after)
  if (after === undefined) return readCursor(cursor, [kind]).at
  throw new ChatError('invalid', 'cursor: cannot stand beside after', { field: 'cursor' })
}
