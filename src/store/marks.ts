import type { Sql } from 'postgres'
import type { MovedMarks, RoomReader, Seq } from '../core/index.ts'
import type { Guard } from './guard.ts'
import { numberArray } from './pg-array.ts'
import { UNREAD_MOST, UNREAD_WINDOW } from './view-rows.ts'

/** Members' marks, many at a time; arrays travel as in `message-log.ts`. */
export function createMarkWriter(sql: Sql, guard: Guard): Pick<RoomReader, 'moveMarks'> {
  return {
    moveMarks(wanted) {
      if (wanted.length === 0) return Promise.resolve([])
      return guard(async () => {
        const rows = await sql<MovedRow[]>`
          select place::int as place, read_to::float8 as read, delivered_to::float8 as delivered, head::float8 as head,
            unread::int as unread, people, moved
          from parley_move_marks(${numberArray(wanted.map(({ room }) => room))}::text::bigint[],
            ${numberArray(wanted.map(({ user }) => user))}::text::bigint[],
            ${numberArray(wanted.map(({ readSeq }) => readSeq))}::text::bigint[],
            ${numberArray(wanted.map(({ deliveredSeq }) => deliveredSeq))}::text::bigint[],
            ${UNREAD_WINDOW}, ${UNREAD_MOST})`
        const moved = new Array<MovedMarks | null>(wanted.length).fill(null)
        for (const { place, read, delivered, unread, head, people, moved: hasMoved } of rows) {
          moved[place - 1] = {
            readSeq: read,
            deliveredSeq: delivered,
            unread,
            head,
            members: people,
            moved: hasMoved,
          }
        }
        return moved
      })
    },
  }
}

interface MovedRow {
  /** From 1. */
  readonly place: number
  readonly read: Seq
  readonly delivered: Seq
  readonly unread: number
  readonly head: Seq
  readonly people: number
  readonly moved: boolean
}
