import type { Sql } from 'postgres'
import type { MovedMarks, RoomReader } from '../../core/index.ts'
import type { Guard } from '../connection/index.ts'
import { markUnread, moveMarks } from '../functions/index.ts'
import { toSeq } from '../messages/index.ts'
import { UNREAD_MOST, UNREAD_WINDOW } from './view-rows.ts'

/** Moves marks, of many members in one statement. */
export function createMarkWriter(sql: Sql, guard: Guard): Pick<RoomReader, 'moveMarks' | 'markUnread'> {
  return {
    markUnread(room, user, from) {
      return guard(async () => {
        const row = await markUnread.row(sql, {
          room,
          user,
          seq: from,
          window: UNREAD_WINDOW,
          most: UNREAD_MOST,
        })
        const { own_read, delivered_to, head, unread, mentions, number } = row
        if (own_read === null || delivered_to === null || head === null) return null
        return {
          readSeq: toSeq(own_read),
          deliveredSeq: toSeq(delivered_to),
          unread: unread ?? 0,
          mentions: mentions ?? 0,
          head: toSeq(head),
          number: number === null ? null : toSeq(number),
        }
      })
    },

    moveMarks(wanted) {
      if (wanted.length === 0) return Promise.resolve([])
      return guard(async () => {
        const rows = await moveMarks.rows(sql, {
          rooms: wanted.map(({ room }) => room),
          users: wanted.map(({ user }) => user),
          read: wanted.map(({ readSeq }) => readSeq),
          delivered: wanted.map(({ deliveredSeq }) => deliveredSeq),
          window: UNREAD_WINDOW,
          most: UNREAD_MOST,
        })
        const moved = new Array<MovedMarks | null>(wanted.length).fill(null)
        for (const row of rows) {
          moved[row.place - 1] = {
            readSeq: toSeq(row.own_read),
            shownReadSeq: toSeq(row.read_to),
            deliveredSeq: toSeq(row.delivered_to),
            unread: row.unread,
            mentions: row.mentions,
            head: toSeq(row.head),
            members: row.people,
            moved: row.moved,
            number: row.number === null ? null : toSeq(row.number),
          }
        }
        return moved
      })
    },
  }
}
