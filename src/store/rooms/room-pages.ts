import type { Sql } from 'postgres'
import type { PageWanted, UserId } from '../../core/index.ts'
import { firstRows, type Part } from '../sql/index.ts'

/**
 * Pages of living rooms, by id, as subqueries that return the columns of rooms. Each reads, in the order of an index, the rooms of the
 * page and those that it skips. Direct chats are an exception: all of a user's are read, by the indexes of the two users' columns.
 */
export function createRoomPages(sql: Sql) {
  const part = ({ after, limit }: PageWanted, of: 'members' | 'invitations', user: UserId, more = sql``) => {
    const rows = sql`select l.room_id as place, w.* from ${sql(of)} l cross join lateral (
        select * from rooms where id = l.room_id and deleted_at is null limit 1
      ) w where l.user_id = ${user} and l.room_id > ${after} ${more}`
    return firstRows(sql, rows, sql`place`, limit)
  }

  const noDirect = sql`and w.kind <> 'direct'`

  const open = ({ after, limit }: PageWanted) => {
    const rows = sql`select * from rooms where kind = 'public' and deleted_at is null and id > ${after}`
    return firstRows(sql, rows, sql`id`, limit)
  }

  const made = (user: UserId, { after, limit }: PageWanted) => {
    const rows = sql`select * from rooms
      where creator_id = ${user} and kind <> 'direct' and deleted_at is null and id > ${after}`
    return firstRows(sql, rows, sql`id`, limit)
  }

  /** The first rooms of three pages, each room once. */
  const merged = (limit: number, [first, second, third]: readonly [Part, Part, Part]) =>
    sql`select r.* from (
        select id from (${first}) a union select id from (${second}) b union select id from (${third}) c
        order by id limit ${limit}
      ) page cross join lateral (select * from rooms where id = page.id limit 1) r`

  return {
    open,

    /** Rooms that the user is a member of, direct chats included. */
    joined: (user: UserId, page: PageWanted) => part(page, 'members', user),

    joinedButDirect: (user: UserId, page: PageWanted) => part(page, 'members', user, noDirect),

    invited: (user: UserId, page: PageWanted) => part(page, 'invitations', user),

    direct: (user: UserId, { after, limit }: PageWanted) =>
      sql`select * from (${directRooms(sql, user)}) w where id > ${after} order by id limit ${limit}`,

    /** Rooms without direct chats that the user created, is invited to, or joined by an invitation. */
    own: (user: UserId, page: PageWanted) =>
      merged(page.limit, [
        made(user, page),
        part(page, 'invitations', user),
        part(page, 'members', user, sql`and l.invited ${noDirect}`),
      ]),

    /** Rooms without direct chats that the user may enter. */
    enterable: (user: UserId, page: PageWanted) =>
      merged(page.limit, [
        open(page),
        part(page, 'invitations', user),
        part(page, 'members', user, noDirect),
      ]),
  }
}

/**
 * The user's living direct chats, by the indexes of the two users' columns. Deleted ones are filtered out afterwards: in the same
 * condition the planner would also read an index of all living rooms.
 */
export function directRooms(sql: Sql, user: UserId) {
  return sql`
    select * from (
      select * from rooms where direct_low is not null and direct_low = ${user}
      union all
      select * from rooms where direct_high is not null and direct_high = ${user} offset 0
    ) direct where deleted_at is null`
}
