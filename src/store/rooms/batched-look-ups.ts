import type { Sql } from 'postgres'
import type {
  Marks,
  Role,
  RoomReader,
  RoomRegister,
  TokenOwner,
  TokenRegister,
  UserInRoom,
} from '../../core/index.ts'
import type { Guard } from '../connection/index.ts'
import { firstRows, toArray } from '../sql/index.ts'
import {
  type OtherRow,
  otherColumns,
  type RestraintRow,
  type RoomRow,
  restraintColumns,
  restraintJoins,
  roomColumns,
  toRestraints,
  toRoom,
  toUser,
  toView,
  type ViewRow,
  viewColumns,
  viewJoins,
} from './view-rows.ts'

type BatchedLookUps = Pick<RoomRegister, 'accessFactsOf'> &
  Pick<RoomReader, 'facts' | 'factsOf'> &
  Pick<TokenRegister, 'tokenOwner' | 'tokenOwners'>

/** Answers what many clients ask at the same moment, with one statement for each kind of question. */
export function createBatchedLookUps(sql: Sql, guard: Guard): BatchedLookUps {
  /** The questions as `w`, joined with the rooms that exist as `r`. */
  const wantedRooms = (wanted: readonly UserInRoom[]) => sql`
    unnest(${toArray(wanted.map(({ room }) => room))}::text::bigint[],
      ${toArray(wanted.map(({ user }) => user))}::text::bigint[]) with ordinality w(room, "user", place)
    cross join lateral (select * from rooms where id = w.room and deleted_at is null limit 1) r`

  const self: BatchedLookUps = {
    accessFactsOf(wanted) {
      return guard(async () => {
        const rows = await sql<(Placed & RoomRow & RestraintRow & { role: Role | null; invited: boolean })[]>`
          select w.place::int as place, ${roomColumns(sql)}, me.role, me.role is null and (
              select true from invitations where room_id = r.id and user_id = w."user" limit 1
            ) is not null as invited, ${restraintColumns(sql)}
          from ${wantedRooms(wanted)}
          left join lateral (select role from members where room_id = r.id and user_id = w."user" limit 1) me on true
          ${restraintJoins(sql, sql`w."user"`)}
          left join lateral (select * from users where id = r.creator_id limit 1) c on true`
        return inOrder(wanted.length, rows, (row) => ({
          room: toRoom(row),
          role: row.role,
          invited: row.invited,
          ...toRestraints(row),
        }))
      })
    },

    async facts(room, user, members) {
      return (await self.factsOf([{ room, user }], members))[0] ?? null
    },

    factsOf(wanted, members) {
      return guard(async () => {
        // A room's marks are the same for all its members, so they are read once: for the first member who asks. Nothing is read for
        // those who are no members, so that the time does not tell them that a hidden room exists.
        const first = sql`min(case when me.role is not null then w.place end) over (partition by r.id)`
        const everyones = sql`select * from members where room_id = r.id`
        const rows = await sql<(Placed & ViewRow & { marks: string | null })[]>`
          select w.place::int as place, ${viewColumns(sql)},
            case when r.member_count <= ${members} and w.place = ${first}
            then (select json_agg(x)::text from (
              select m.user_id as "user", m.read_seq as "readSeq", m.delivered_seq as "deliveredSeq"
              from (${firstRows(sql, everyones, sql`user_id`, members)}) m order by m.user_id) x) end as marks
          from ${wantedRooms(wanted)} ${viewJoins(sql, sql`w."user"`)}`
        const marks = new Map(
          rows.flatMap((row) => (row.marks === null ? [] : [[row.room_id, parsed(row.marks)]])),
        )
        return inOrder(wanted.length, rows, (row) => ({
          view: toView(row),
          marks: row.role === null ? null : (marks.get(row.room_id) ?? null),
        }))
      })
    },

    async tokenOwner(hash) {
      return (await self.tokenOwners([hash]))[0] ?? null
    },

    tokenOwners(hashes) {
      const hexes = hashes.map((hash) => hash.toHex())
      return guard(async () => {
        const rows = await sql<(Placed & OtherRow & { left: number })[]>`
          select w.place::int as place, ${otherColumns(sql)},
            (extract(epoch from t.expires_at - now()) * 1000)::float8 as left
          from unnest(${toArray(hexes)}::text::text[]) with ordinality w(hash, place)
          cross join lateral (
            select * from tokens where hash = decode(w.hash, 'hex') and kind = 'token' and expires_at > now() limit 1
          ) t
          cross join lateral (select * from users where id = t.user_id limit 1) o`
        return inOrder(
          hashes.length,
          rows,
          (row): TokenOwner => ({ user: toUser(row), expiresInMs: row.left }),
        )
      })
    },
  }
  return self
}

/** Returns one answer per question, in order; null if there is no row for it. */
function inOrder<Row extends Placed, Answer>(
  count: number,
  rows: readonly Row[],
  toAnswer: (row: Row) => Answer,
): (Answer | null)[] {
  const answers = new Array<Answer | null>(count).fill(null)
  for (const row of rows) answers[row.place - 1] = toAnswer(row)
  return answers
}

/** Parses the JSON here: whether the driver does it depends on whether drizzle uses the same client. */
function parsed(marks: string): Marks[] {
  return JSON.parse(marks)
}

interface Placed {
  /** The position of the question that it answers, from 1. */
  readonly place: number
}
