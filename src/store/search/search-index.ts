import type { Sql } from 'postgres'
import {
  type IndexWork,
  PAGE_TEXT,
  type RoomId,
  type SearchIndex,
  type Seq,
  type TakeTurn,
} from '../../core/index.ts'
import type { Guard } from '../connection/index.ts'
import { searchClaim, searchIndex } from '../functions/index.ts'
import {
  checkedId,
  type MessageRow,
  messageColumns,
  senderJoin,
  textOf,
  toMessage,
} from '../messages/index.ts'
import { bodyLength, toArray } from '../sql/index.ts'

/** The most ranges that are indexed at once, and the most ids in them, besides one range more. */
const PIECE_RANGES = 64
const PIECE_IDS = 500
/** The most characters that are indexed at once, besides one message more: some milliseconds of work. */
const PIECE_TEXT = 32_768
/** Seconds until others may take a range over. */
const CLAIM_SECONDS = 30
/** Milliseconds of the database's time after which a call returns what it has. */
const SEARCH_MS = 25
/**
 * The most rooms among which the index chooses. For each message that has the grams it looks at each of the rooms: past so many it takes
 * less time to look the room of the message up.
 */
const ROOM_KEYS = 50
/** By how much the time of a message may contradict the order of ids, in milliseconds. */
const TIME_SLACK_MS = 5000

export function createSearchIndex(sql: Sql, guard: Guard, turn: TakeTurn): SearchIndex {
  const columns = messageColumns(sql)
  const sender = senderJoin(sql)

  return {
    unindexed() {
      return guard(async (): Promise<IndexWork | null> => {
        const { queued, firsts, lasts } = await searchClaim.row(sql, {
          limit: PIECE_RANGES,
          ids: PIECE_IDS,
          seconds: CLAIM_SECONDS,
        })
        if (queued.length === 0) return null
        const rows = await sql<UnindexedRow[]>`
          select place::int as place, id::float8 as id, version_seq::float8 as version, body, more from (
            select w.place, m.*, lead(m.id) over by_order is not null as more,
              sum(${bodyLength(sql)}) over by_order - ${bodyLength(sql)} as text_before
            from unnest(${toArray(firsts)}::text::bigint[], ${toArray(lasts)}::text::bigint[]) with ordinality w(first, last, place)
            cross join lateral (
              select * from messages where id between w.first and w.last order by id limit w.last - w.first + 1
            ) m
            where m.deleted_at is null and (select d.id from search_docs d where d.id = m.id limit 1) is null
            window by_order as (order by w.place, m.id)
          ) found where text_before < ${PIECE_TEXT} order by place, id`
        const last = rows.at(-1)
        const open = last?.more ? last.place : queued.length + 1
        return {
          messages: rows.map(({ id, version, body }) => ({ id: checkedId(id), version, body })),
          done: queued.slice(0, open - 1),
          open: queued.slice(open - 1),
        }
      })
    },

    index({ messages, done, open }, grams) {
      return guard(async () => {
        await searchIndex.rows(sql, {
          ids: messages.map(({ id }) => id),
          versions: messages.map(({ version }) => version),
          grams: grams.map(toArray),
          queued: done,
          open,
        })
      })
    },

    findMessages({ user, grams, some, room, sender: from, files, limit, ...wanted }) {
      const array = (keys: readonly number[] | undefined) =>
        sql`${keys === undefined ? null : toArray(keys)}::text::int[]`
      const idFrom = (time: Date | null, slackMs: number, none: number) =>
        time === null
          ? sql`${none}::bigint`
          : sql`parley_message_from(to_timestamp(${time.getTime() + slackMs}::float8 / 1000))`
      return guard(async () => {
        const rows = await sql<FoundRow[]>`
          select ${columns}, m.room_id::float8 as room, found.next::float8 as next
          from parley_search(
            ${user}::bigint, ${array(grams)}, ${array(some[0])}, ${array(some[1])}, ${room}::bigint, ${from}::bigint, ${files}::boolean,
            ${idFrom(wanted.from, -TIME_SLACK_MS, 1)} - 1,
            least(${wanted.below ?? Number.MAX_SAFE_INTEGER}::bigint, ${idFrom(wanted.until, TIME_SLACK_MS, Number.MAX_SAFE_INTEGER)}),
            ${limit}::int, ${PAGE_TEXT}::int, ${ROOM_KEYS}::int, ${SEARCH_MS}::int
          ) found
          left join lateral unnest(found.ids) with ordinality f(id, place) on true
          left join lateral (select * from messages where id = f.id limit 1) m on true ${sender} order by f.place`
        await turn(textOf(rows))
        const next = rows[0]?.next ?? 0
        return {
          messages: rows.flatMap((row) => (row.room === null ? [] : (toMessage(row.room, row) ?? []))),
          below: next === 0 ? null : checkedId(next),
        }
      })
    },
  }
}

interface UnindexedRow {
  /** The position of its range, from 1. */
  readonly place: number
  readonly id: number
  readonly version: Seq | null
  readonly body: string
  /** Whether there is another row after it, on this page or not. */
  readonly more: boolean
}

/** All null if nothing was found. */
interface FoundRow extends MessageRow {
  readonly room: RoomId | null
  readonly next: number
}
