import { Type as t } from '@sinclair/typebox'
import { ask, expectAnswer } from '../../support/rest.ts'
import { parse } from '../../support/shape.ts'
import type { Standpoint } from './standpoint.ts'

/** Small, so that even a short history has several pages. */
const SIZE = 7

/**
 * Everything in a room, oldest first, by `?limit=&before=<id>` until there is no more.
 * @param page asks for one page with that query
 */
export async function readBackwards(page: (query: string) => Promise<unknown[]>): Promise<unknown[]> {
  const found: unknown[] = []
  for (let query = `?limit=${SIZE}`; ; ) {
    const messages = await page(query)
    found.unshift(...messages)
    if (messages.length < SIZE) return found
    query = `?limit=${SIZE}&before=${parse(WithId, messages[0]).id}`
  }
}

/** The same by the `next` links of Django REST Framework's pages, each of which must tell the same count. */
export async function readNumbered({ server, room, person }: Standpoint): Promise<unknown[]> {
  const found: unknown[] = []
  const group = encodeURIComponent(room.name)
  let next: string | null = `${server.url}/api/chat/groups/${group}/messages/?page_size=${SIZE}`
  let count: number | null = null
  while (next !== null) {
    const page: { next: string | null; count: number; results: unknown[] } = expectAnswer(
      await ask('GET', next, { token: person.token }),
      200,
      NumberedPage,
    )
    found.unshift(...page.results.toReversed())
    next = page.next
    count = page.count
  }
  if (count !== found.length) throw new Error(`${found.length} messages, counted as ${count}`)
  return found
}

const WithId = t.Object({ id: t.Union([t.Integer(), t.String()]) })
const NumberedPage = t.Object({
  count: t.Integer(),
  next: t.Union([t.String(), t.Null()]),
  results: t.Array(t.Unknown()),
})
