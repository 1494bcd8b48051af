/** A page of a list; `next` is the cursor of the next one, null for the last. */
export interface Page<Item> {
  items: Item[]
  next: string | null
}

export interface PageQuery {
  /** 1 to 200, 50 by default. */
  limit?: number
  /** The `next` of the page before. */
  cursor?: string
}

/**
 * Iterates over all entries of a list. Each page is requested when the iteration reaches it.
 * @example for await (const room of all((page) => client.api.rooms.list(page))) …
 */
export async function* all<Item>(read: (page: PageQuery) => Promise<Page<Item>>): AsyncGenerator<Item> {
  let cursor: string | null = null
  do {
    const page: Page<Item> = await read({ limit: 200, ...(cursor === null ? {} : { cursor }) })
    yield* page.items
    cursor = page.next
  } while (cursor !== null)
}
