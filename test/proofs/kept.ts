import type { PrivateEntry } from '../../src/api/v2/wire/index.ts'
import { all, type Client } from '../../src/client/index.ts'

/** Returns a line for each difference between what a client shows of the user's own and what the server keeps of it. */
export async function differencesOfOwn({ api, own }: Client, rooms: readonly number[]): Promise<string[]> {
  const entries: PrivateEntry[] = await Array.fromAsync(all((page) => api.privateState(page)))
  const { drafts, saved } = own.getSnapshot()
  const shownDrafts = [...drafts].map(([room, { text, replyTo }]) => `${room}: ${text} ${replyTo}`)
  const shownSaved = [...saved].flatMap(([room, seqs]) => [...seqs].map((seq) => `${room}: ${seq}`))
  const keptDrafts: string[] = []
  for await (const { room, text, reply_to } of all((page) => api.drafts.list(page))) {
    keptDrafts.push(`${room}: ${text} ${reply_to}`)
  }
  const found = [
    ...difference('drafts', shownDrafts, keptDrafts),
    ...difference(
      'drafts among all entries',
      entries.flatMap((each) =>
        each.type === 'draft' && (each.text !== '' || each.reply_to !== null)
          ? [`${each.room}: ${each.text} ${each.reply_to}`]
          : [],
      ),
      keptDrafts,
    ),
    ...difference(
      'saved',
      shownSaved,
      entries.flatMap((each) => (each.type === 'saved' && each.saved ? [`${each.room}: ${each.seq}`] : [])),
    ),
  ]
  for (const entry of entries) {
    if (!rooms.includes(entry.room)) {
      if (entry.type !== 'saved' && !isEmpty(entry))
        found.push(`kept of a room left: ${JSON.stringify(entry)}`)
    } else if (entry.type === 'mark' && entry.marked_unread) {
      const { read_seq } = await api.rooms.get(entry.room)
      if (read_seq !== entry.read_seq) found.push(`mark: ${read_seq}, but kept ${JSON.stringify(entry)}`)
    } else if (entry.type === 'notifications') {
      const { level } = await api.rooms.notifications(entry.room, entry.thread ?? undefined)
      if (level !== entry.level) found.push(`level: ${level}, but kept ${JSON.stringify(entry)}`)
    }
  }
  return found
}

/** Whether the entry only says that there is nothing any more. */
function isEmpty(entry: PrivateEntry): boolean {
  if (entry.type === 'draft') return entry.text === '' && entry.reply_to === null
  if (entry.type === 'notifications') return entry.level === null
  return entry.type === 'mark' ? !entry.marked_unread : !entry.saved
}

function difference(what: string, shown: readonly string[], kept: readonly string[]): string[] {
  const [ones, others] = [new Set(shown), new Set(kept)]
  const [only, lacks] = [ones.difference(others), others.difference(ones)]
  return only.size + lacks.size === 0 ? [] : [`${what}: shows ${[...only]}, but it is ${[...lacks]}`]
}
