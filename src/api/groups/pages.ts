import { invalidPage } from './errors.ts'

/** Django REST Framework's PageNumberPagination: pages from 1, `last` for the last, absolute links to the neighbours. */
export interface Page {
  readonly page: number
  readonly size: number
}

const USUAL = 20
const MOST = 100

/** An invalid `page_size` is replaced by the default, and a large one by the maximum, as in the framework. */
export async function pageWanted(
  query: { readonly page?: string; readonly page_size?: string },
  count: () => Promise<number>,
): Promise<Page> {
  const asked = /^[0-9]{1,9}$/.test(query.page_size ?? '') ? Number(query.page_size) : 0
  const size = asked === 0 ? USUAL : Math.min(asked, MOST)
  if (query.page === 'last') return { page: Math.max(1, Math.ceil((await count()) / size)), size }
  const page = /^[0-9]{1,9}$/.test(query.page ?? '1') ? Number(query.page ?? 1) : 0
  if (page === 0) throw invalidPage()
  return { page, size }
}

export function linksOf(url: URL, { page, size }: Page, count: number) {
  return {
    next: page * size < count ? linkTo(url, page + 1) : null,
    previous: page > 1 ? linkTo(url, page - 1) : null,
  }
}

/** The link to the first page has no page parameter. */
function linkTo(url: URL, page: number): string {
  const link = new URL(url)
  if (page === 1) link.searchParams.delete('page')
  else link.searchParams.set('page', String(page))
  return link.toString()
}
