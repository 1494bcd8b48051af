import type { Sql } from 'postgres'
import type {
  Addressee,
  MembersWanted,
  MentionFinder,
  RoomId,
  Seq,
  TakeTurn,
  UserId,
} from '../../core/index.ts'
import type { Guard } from '../connection/index.ts'
import { firstRows, toArray } from '../sql/index.ts'
import { createMentionPages } from './mention-pages.ts'
import { isNotified } from './notified.ts'

/** Finds whom messages mention, and which messages mention someone. */
export function createMentionFinder(sql: Sql, guard: Guard, turn: TakeTurn): MentionFinder {
  return {
    ...createMentionPages(sql, guard, turn),

    membersAmong(wanted) {
      const byId = wanted.flatMap(({ room, sender, replyTo, users }, place) =>
        users.map(
          (user, item): Question => ({ place, item, rank: 0, room, sender, replyTo, user, key: null }),
        ),
      )
      const byName = wanted.flatMap(({ room, sender, replyTo, users, names }, place) =>
        names.flatMap((keys, name) =>
          keys.map((key, rank): Question => {
            return { place, item: users.length + name, rank, room, sender, replyTo, user: null, key }
          }),
        ),
      )
      if (byId.length + byName.length === 0) return Promise.resolve(wanted.map(() => []))
      return guard(async () => {
        const rows = await sql<FoundRow[]>`
          select * from (
            ${found(byId, sql`select id, username from users where id = c."user"`)}
            union all
            ${found(byName, sql`select id, username from users where username_key = c.key`)}
          ) found order by place, item, rank`
        return inOrder(wanted, rows)
      })
    },

    membersOf({ room, user }, replyTo, limit) {
      const everyone = sql`select * from members where room_id = ${room}`
      return guard(async () => {
        // One more than wanted shows that there are more.
        const rows = await sql<AddresseeRow[]>`
          select u.id::float8 as id, u.username, ${isNotified(sql, sql`${user}::bigint`, sql`t.root`)} as notified
          from (${firstRows(sql, everyone, sql`user_id`, limit + 1)}) m
          cross join lateral (select * from users where id = m.user_id limit 1) u
          cross join (select parley_root(${room}, ${replyTo}::bigint) as root limit 1) t order by m.user_id`
        return rows.length > limit ? null : rows.map(toAddressee)
      })
    },
  }

  /** The questions whose user is a member. @param users selects the user of a question `c` */
  function found(questions: readonly Question[], users: ReturnType<typeof sql>) {
    const column = (name: keyof Question) => toArray(questions.map((question) => question[name]))
    return sql`
      select c.place::int as place, c.item::int as item, c.rank::int as rank, u.id::float8 as id, u.username,
        ${isNotified(sql, sql`c.sender`, sql`t.root`)} as notified
      from unnest(${column('place')}::text::int[], ${column('item')}::text::int[], ${column('rank')}::text::int[],
        ${column('room')}::text::bigint[], ${column('sender')}::text::bigint[], ${column('user')}::text::bigint[],
        ${column('replyTo')}::text::bigint[], ${column('key')}::text::text[]
      ) c(place, item, rank, room, sender, "user", reply, key)
      cross join lateral (${users} limit 1) u
      cross join lateral (select * from members where room_id = c.room and user_id = u.id limit 1) m
      cross join lateral (select case when c.reply is not null then parley_root(c.room, c.reply) end as root limit 1) t`
  }
}

/** Of each thing that is wanted the first that was found, and each user once. */
function inOrder(wanted: readonly MembersWanted[], rows: readonly FoundRow[]): Addressee[][] {
  const answers = wanted.map((): Addressee[] => [])
  const seen = new Set<string>()
  for (const row of rows) {
    const [item, user] = [`${row.place} item ${row.item}`, `${row.place} user ${row.id}`]
    if (seen.has(item) || seen.has(user)) continue
    seen.add(item).add(user)
    answers[row.place]?.push(toAddressee(row))
  }
  return answers
}

function toAddressee({ id, username, notified }: AddresseeRow): Addressee {
  return { user: { id, username }, notified }
}

/** Whether one user is a member of the room. */
interface Question {
  /** The position of what was wanted, that of the user or name in it, and that of the key among the name's. */
  readonly place: number
  readonly item: number
  readonly rank: number
  readonly room: RoomId
  readonly sender: UserId
  readonly replyTo: Seq | null
  readonly user: UserId | null
  readonly key: string | null
}

interface AddresseeRow {
  readonly id: UserId
  readonly username: string
  readonly notified: boolean
}

interface FoundRow extends AddresseeRow {
  readonly place: number
  readonly item: number
  readonly rank: number
}
