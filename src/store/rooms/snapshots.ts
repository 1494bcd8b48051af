import type { Sql } from 'postgres'
import {
  PAGE_TEXT,
  type RoomReader,
  type Snapshot,
  type SnapshotWanted,
  type TakeTurn,
} from '../../core/index.ts'
import type { Guard } from '../connection/index.ts'
import {
  type MessageRow,
  messageColumns,
  pinOf,
  reactionsOf,
  type Seen,
  senderJoin,
  threadOf,
  toMessage,
  toPins,
  toSeenReactions,
  toThreads,
} from '../messages/index.ts'
import { firstRows, fittingRows, inTurns, toArray } from '../sql/index.ts'
import {
  type MemberRow,
  memberColumns,
  toMember,
  toView,
  type ViewRow,
  viewColumns,
  viewJoins,
} from './view-rows.ts'

/** Reads snapshots of rooms. Each call is one statement, so it sees one snapshot of the database. */
export function createSnapshots(
  sql: Sql,
  guard: Guard,
  turn: TakeTurn,
): Pick<RoomReader, 'snapshot' | 'snapshotsOf'> {
  async function snapshotsOf(
    wanted: readonly SnapshotWanted[],
    listed: number,
  ): Promise<(Snapshot | null)[]> {
    if (wanted.length === 0) return []
    // One more than wanted shows whether there are older ones.
    const limits = wanted.map(({ messages }) => messages + 1)
    const said = sql`select * from messages where room_id = r.id and me.user_id is not null`
    const latest = firstRows(sql, said, sql`seq desc`, Math.max(...limits), sql`w.most`)
    const members = firstRows(sql, sql`select * from members where room_id = r.id`, sql`user_id`, listed)
    const rows = await guard(
      () => sql<SnapshotRow[]>`
        select w.place::int as place, ${viewColumns(sql)},
          (select json_agg(x)::text from (
            select ${messageColumns(sql)}, m.more, ${reactionsOf(sql, sql`r.id`, sql`m.seq`, sql`w."user"`)} as reactions,
              ${threadOf(sql, sql`r.id`, sql`m.seq`)} as begun, ${pinOf(sql, sql`r.id`, sql`m.seq`)} as pin
            from (${fittingRows(sql, latest, sql`seq desc`, PAGE_TEXT)}) m ${senderJoin(sql)}
            order by m.seq desc) x) as messages,
          case when me.user_id is not null and r.member_count <= ${listed} then (select json_agg(x)::text from (
            select ${memberColumns(sql)}
            from (${members}) m cross join lateral (select * from users where id = m.user_id limit 1) o
            order by m.user_id) x) end as members
        from unnest(${toArray(wanted.map(({ room }) => room))}::text::bigint[],
          ${toArray(wanted.map(({ user }) => user))}::text::bigint[],
          ${toArray(limits)}::text::bigint[]) with ordinality w(room, "user", most, place)
        cross join lateral (select * from rooms where id = w.room and deleted_at is null limit 1) r
        ${viewJoins(sql, sql`w."user"`)}`,
    )
    const snapshots = wanted.map((): Snapshot | null => null)
    await inTurns(rows, turn, textIn, (row) => {
      const one = wanted[row.place - 1]
      if (one !== undefined) snapshots[row.place - 1] = toSnapshot(row, one)
    })
    return snapshots
  }

  return {
    snapshotsOf,
    async snapshot(room, user, messages, listed) {
      return (await snapshotsOf([{ room, user, messages }], listed))[0] ?? null
    },
  }
}

function toSnapshot(row: SnapshotRow, { room, messages }: SnapshotWanted): Snapshot {
  // If no messages are wanted, one is read all the same: it shows whether there are older ones.
  const found = parsed<MessageRow & Seen & { more: boolean }>(row.messages) ?? []
  const latest = found.slice(0, messages)
  return {
    view: toView(row),
    messages: latest.toReversed().flatMap((message) => toMessage(room, message) ?? []),
    reactions: toSeenReactions(latest),
    threads: toThreads(latest),
    pins: toPins(latest),
    hasOlder: latest.at(-1)?.more ?? found.length > 0,
    members: parsed<MemberRow>(row.members)?.map(toMember) ?? null,
  }
}

function textIn({ messages, members }: SnapshotRow): number {
  return (messages?.length ?? 0) + (members?.length ?? 0)
}

/** Parses the JSON here: whether the driver does it depends on whether drizzle uses the same client. */
function parsed<Row>(rows: string | null): Row[] | null {
  return rows === null ? null : JSON.parse(rows)
}

type SnapshotRow = ViewRow & {
  /** The position of what was wanted, from 1. */
  readonly place: number
  readonly messages: string | null
  readonly members: string | null
}
