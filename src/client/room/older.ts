import { disconnected } from '../errors.ts'
import type { Message, Seq } from '../wire.ts'
import type { RoomContext } from './context.ts'

export interface OlderMessages {
  readonly items: readonly Message[]
  readonly prev: string | null
  readonly head: Seq
}

/** How many pages may be discarded because the view has changed meanwhile. */
const ATTEMPTS = 3

/** Adds older messages to the beginning of the view, one page at a time. Callers that ask meanwhile get the same page. */
export function createOlder(
  { state, dispatch }: RoomContext,
  page: (before: Seq, limit: number) => Promise<OlderMessages>,
): (limit: number) => Promise<boolean> {
  let loading: Promise<boolean> | null = null

  async function load(limit: number): Promise<boolean> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const before = state().window.from
      if (state().position === null) throw disconnected('The room has not been caught up with')
      if (before === 0) return false
      const { items, prev, head } = await page(before, limit)
      dispatch({ type: 'older', page: { before, messages: items, hasOlder: prev !== null, head } })
      if (state().window.from < before) break
    }
    return state().window.from > 0
  }

  return (limit) => {
    loading ??= load(limit).finally(() => {
      loading = null
    })
    return loading
  }
}
