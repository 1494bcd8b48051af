import { disconnected } from '../errors.ts'
import type { OlderPage } from '../view/index.ts'
import type { Message, Seq } from '../wire.ts'

export interface OlderMessages {
  readonly items: readonly Message[]
  readonly prev: string | null
  readonly head: Seq
}

/** How many pages may be discarded because the view has changed meanwhile. */
const ATTEMPTS = 3

/** What older messages are added to. */
export interface OlderTarget {
  /** The lowest number that is there, 0 if there is nothing before; null if nothing has come yet. */
  from(): Seq | null
  /** Adds a page, unless it does not fit any more. */
  add(page: OlderPage): void
}

/** Adds older messages to the beginning of a view, one page at a time. Callers that ask meanwhile get the same page. */
export function createOlder(
  { from, add }: OlderTarget,
  page: (before: Seq, limit: number) => Promise<OlderMessages>,
): (limit: number) => Promise<boolean> {
  let loading: Promise<boolean> | null = null

  async function load(limit: number): Promise<boolean> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const before = from()
      if (before === null) throw disconnected('The room has not been caught up with')
      if (before === 0) return false
      const { items, prev, head } = await page(before, limit)
      add({ before, messages: items, hasOlder: prev !== null, head })
      if ((from() ?? 0) < before) break
    }
    return (from() ?? 0) > 0
  }

  return (limit) => {
    loading ??= load(limit).finally(() => {
      loading = null
    })
    return loading
  }
}
