import type { Sql } from 'postgres'
import type {
  ReactionChange,
  ReactionEvent,
  ReactionLog,
  ReactionVerdict,
  ReactionWanted,
  Seq,
  UserId,
  UserReaction,
} from '../../core/index.ts'
import type { Guard } from '../connection/index.ts'
import { react } from '../functions/index.ts'
import { checkedId, type ShownReactions, toReactions, toSeq, toUserRef } from '../messages/index.ts'
import { firstRows } from '../sql/index.ts'

/** What the codes of `parley_react` mean, by their value. */
const verdicts: readonly ReactionVerdict[] = [
  'changed',
  'same',
  'not_member',
  'no_message',
  'too_many',
  'too_many_kinds',
  'too_soon',
  'muted',
  'blocked',
]

/** Writes reactions, and lists them. */
export function createReactionLog(sql: Sql, guard: Guard): ReactionLog {
  return {
    react(room, wanted, { windowMs, own, kinds }) {
      return guard(async () => {
        const messages = [...new Set(wanted.map(({ message }) => message))]
        const places = new Map(messages.map((message, index) => [message, index + 1]))
        const row = await react.row(sql, {
          room,
          messages,
          place: wanted.map(({ message }) => places.get(message) ?? 0),
          users: wanted.map(({ user }) => user),
          reactions: wanted.map(({ reaction }) => reaction),
          on: wanted.map(({ on }) => (on ? 1 : 0)),
          window: windowMs,
          own,
          kinds,
        })
        const shown: readonly (ShownReactions | null)[] = JSON.parse(row.shown)
        const done = row.codes.map((code) => verdicts[code] ?? 'no_message')
        const events = messages.flatMap((message, index): ReactionEvent[] => {
          const seq = row.seqs[index] ?? 0
          if (seq === 0) return []
          const changed = changesOf(message, wanted, done)
          const reactions = toReactions(shown[index] ?? [])
          const at = new Date(row.at)
          return [{ type: 'reaction', roomId: room, seq: toSeq(seq), message, reactions, changed, at }]
        })
        const soon = new Set(
          wanted.flatMap(({ message }, index) => (done[index] === 'too_soon' ? message : [])),
        )
        const waits = new Map(
          [...soon].map((message) => [message, row.waits[(places.get(message) ?? 0) - 1] ?? 0]),
        )
        return { verdicts: done, events, waits, head: toSeq(row.head) }
      })
    },

    reactionsTo(room, message, reaction, { after, limit }) {
      // The names come from the summary, of which there are few, and each name's rows from the index.
      const these = sql`select * from reactions
        where room_id = ${room} and seq = ${message} and reaction = name.reaction and id > ${after}`
      const names =
        reaction === null
          ? sql`(
              select * from reaction_summaries where room_id = ${room} and seq = ${message} and not gone limit 1
            ) s cross join lateral unnest(s.reactions) name(reaction)`
          : sql`(values (${reaction}::text)) name(reaction)`
      return guard(async () => {
        const rows = await sql<ReactionRow[]>`
          select r.id::float8 as id, r.user_id::float8 as user, u.username, r.reaction,
            (extract(epoch from r.created_at) * 1000)::float8 as at
          from (
            select page.* from ${names} cross join lateral (${firstRows(sql, these, sql`id`, limit)}) page
            order by page.id limit ${limit}
          ) r left join lateral (select username from users where id = r.user_id limit 1) u on true order by r.id`
        return rows.map(toUserReaction)
      })
    },
  }
}

interface ReactionRow {
  readonly id: number
  readonly user: UserId
  readonly username: string | null
  readonly reaction: string
  readonly at: number
}

function toUserReaction({ id, user, username, reaction, at }: ReactionRow): UserReaction {
  return { id: checkedId(id), user: toUserRef(user, username), reaction, at: new Date(at) }
}

/** What was written about one message, by names, in the order in which they were wanted. */
function changesOf(
  message: Seq,
  wanted: readonly ReactionWanted[],
  done: readonly ReactionVerdict[],
): ReactionChange[] {
  const changes = new Map<string, { reaction: string; added: UserId[]; removed: UserId[] }>()
  for (const [index, each] of wanted.entries()) {
    if (each.message !== message || done[index] !== 'changed') continue
    const { reaction, user, on } = each
    const change = changes.get(reaction) ?? { reaction, added: [], removed: [] }
    changes.set(reaction, change)
    if (on) change.added.push(user)
    else change.removed.push(user)
  }
  return [...changes.values()]
}
