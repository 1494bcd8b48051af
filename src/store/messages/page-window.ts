import type { HistoryPage, HistoryWhere, Message } from '../../core/index.ts'

/** Where a page lies: how many messages to read before the pivot, and how many from it on. One more on either side shows whether there are further ones. */
export interface PageWindow {
  readonly pivot: number
  readonly older: number
  readonly newer: number
}

export function windowOf(where: HistoryWhere, limit: number): PageWindow {
  if (where === 'latest') return { pivot: Number.MAX_SAFE_INTEGER, older: limit, newer: 0 }
  if ('before' in where) return { pivot: where.before, older: limit, newer: 0 }
  if ('after' in where) return { pivot: where.after + 1, older: 0, newer: limit }
  const older = limit >> 1
  return { pivot: where.around, older, newer: limit - older }
}

/** Returns the page that was found in a window. @param messages oldest first, with those that show whether there are further ones */
export function pageIn(
  messages: readonly Message[],
  { pivot, older, newer }: PageWindow,
): Pick<HistoryPage, 'messages' | 'hasOlder' | 'hasNewer'> {
  const split = messages.findIndex((message) => message.seq >= pivot)
  const before = split === -1 ? messages : messages.slice(0, split)
  const after = split === -1 ? [] : messages.slice(split)
  const hasOlder = before.length > older
  return {
    messages: [...(hasOlder ? before.slice(1) : before), ...after.slice(0, newer)],
    hasOlder,
    hasNewer: after.length > newer,
  }
}
