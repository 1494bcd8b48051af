import type { Sql } from 'postgres'
import { type GuestRegister, isId, type UserId, usernameKey } from '../core/index.ts'
import { firstRows } from './fences.ts'
import type { Guard } from './guard.ts'
import { fromNumberArray, toArray } from './pg-array.ts'
import { type OtherRow, otherColumns, toUser } from './view-rows.ts'

type StayRow = { readonly number: number }

export function createGuests(sql: Sql, guard: Guard): GuestRegister {
  /** An account that has been free for so long that whoever was told that its guest left knows it by now. */
  async function takeFree(): Promise<(OtherRow & StayRow) | undefined> {
    const [row] = await sql<(OtherRow & StayRow)[]>`
      with free as (
        select user_id from guests where left_at < now() - interval '1 minute' limit 1 for update skip locked
      ), taken as (
        update guests g set stay = g.stay + 1, left_at = null from free where g.user_id = free.user_id
        returning g.user_id, g.stay
      )
      select ${otherColumns(sql)}, taken.stay::float8 as number from taken
      cross join lateral (select * from users where id = taken.user_id limit 1) o`
    return row
  }

  async function make(username: string): Promise<(OtherRow & StayRow) | undefined> {
    const [row] = await sql<(OtherRow & StayRow)[]>`
      with o as (
        insert into users (username, username_key, kind) values (${username}, ${usernameKey(username) ?? username}, 'guest') returning *
      ), held as (
        insert into guests (user_id) select id from o returning stay
      )
      select ${otherColumns(sql)}, held.stay::float8 as number from o cross join held`
    return row
  }

  return {
    takeGuest(username) {
      return guard(async () => {
        const row = (await takeFree()) ?? (await make(username))
        if (row === undefined) throw new Error('the database made no guest')
        const user = toUser(row)
        return { user, stay: { user: user.id, number: row.number } }
      })
    },

    keepGuests(stays) {
      if (stays.length === 0) return Promise.resolve()
      const users = toArray(stays.map(({ user }) => user))
      const numbers = toArray(stays.map(({ number }) => number))
      return guard(
        async () =>
          void (await sql`
            update guests g set beats = g.beats + 1
            from unnest(${users}::text::bigint[], ${numbers}::text::bigint[]) w(id, stay)
            where g.user_id = w.id and g.stay = w.stay and g.left_at is null`),
      )
    },

    guestStays(after, limit) {
      const stays = sql`select * from guests where left_at is null and user_id > ${after}`
      return guard(
        async () =>
          await sql<{ user: UserId; number: number; beats: number; username: string }[]>`
            select g.user_id::float8 as user, g.stay::float8 as number, g.beats::float8 as beats, u.username
            from (${firstRows(sql, stays, sql`user_id`, limit)}) g
            cross join lateral (select username from users where id = g.user_id limit 1) u
            order by g.user_id`,
      )
    },

    claimGuest({ user, number }) {
      return guard(async () => {
        const [row] = await sql<(StayRow & { rooms: string })[]>`
          update guests g set stay = g.stay + 1
          where g.user_id = ${user} and g.stay = ${number} and g.left_at is null
          returning g.stay::float8 as number,
            array(select room_id from members where user_id = g.user_id order by room_id)::text as rooms`
        if (row === undefined) return null
        return { stay: { user, number: row.number }, rooms: fromNumberArray(row.rooms).filter(isId) }
      })
    },

    freeGuest({ user, number }) {
      const spoke = sql`(select true from messages where sender_id = ${user} limit 1) is not null`
      const own = sql`user_id = ${user} and stay = ${number}`
      return guard(async () => {
        await sql`
          with gone as (delete from guests where ${own} and ${spoke})
          update guests set left_at = now() where ${own} and not (${spoke})`
      })
    },
  }
}
