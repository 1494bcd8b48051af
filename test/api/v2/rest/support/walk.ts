import { Type } from '@sinclair/typebox'
import { pageOf } from '../../../../../src/api/v2/wire/index.ts'
import type { TestApp } from '../../../../support/app.ts'
import { get } from './client.ts'

/** Any list's page; what is in it is for others to judge. */
const AnyPage = pageOf(Type.Unknown())

/** Every page of a list from the first to the last, by the cursors that it gives. */
export async function walk(
  app: Pick<TestApp, 'url'>,
  who: { readonly token: string },
  path: string,
  limit: number,
): Promise<unknown[][]> {
  const pages: unknown[][] = []
  for (let next: string | null = ''; next !== null; ) {
    const cursor: string = next === '' ? '' : `&cursor=${next}`
    const page = await get(
      app,
      who,
      `${path}${path.includes('?') ? '&' : '?'}limit=${limit}${cursor}`,
      AnyPage,
    )
    pages.push(page.items)
    next = page.next
    if (pages.length > 500) throw new Error('there is no end')
  }
  return pages
}
