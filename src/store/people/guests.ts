import type { Sql } from 'postgres'
import { type GuestRegister, isId, lookAlikeKey, type UserId, usernameKey } from '../../core/index.ts'
import type { Guard } from '../connection/index.ts'
import { firstRows, fromNumberArray, toArray } from '../sql/index.ts'

export function createGuests(sql: Sql, guard: Guard): GuestRegister {
  const columns = sql`o.id::float8 as id, o.username, (extract(epoch from o.created_at) * 1000)::float8 as created`

  /** Takes an account that has been free for so long that all clients have heard that its last guest left. */
  async function takeFree(): Promise<GuestRow | undefined> {
    const [row] = await sql<GuestRow[]>`
      with free as (
        select user_id from guests where left_at < now() - interval '1 minute' limit 1 for update skip locked
      ), welcome as (
        delete from removals r using free where r.user_id = free.user_id
      ), unbanned as (
        delete from bans b using free where b.user_id = free.user_id
      ), unmuted as (
        delete from mutes u using free where u.user_id = free.user_id
      ), taken as (
        update guests g set stay = g.stay + 1, left_at = null from free where g.user_id = free.user_id
        returning g.user_id, g.stay
      )
      select ${columns}, taken.stay::float8 as number from taken
      cross join lateral (select * from users where id = taken.user_id limit 1) o`
    return row
  }

  async function make(username: string): Promise<GuestRow | undefined> {
    const [row] = await sql<GuestRow[]>`
      with o as (
        insert into users (username, username_key, look_alike, kind)
        values (${username}, ${usernameKey(username) ?? username}, ${lookAlikeKey(username)}, 'guest') returning *
      ), held as (
        insert into guests (user_id) select id from o returning stay
      )
      select ${columns}, held.stay::float8 as number from o cross join held`
    return row
  }

  return {
    takeGuest(username) {
      return guard(async () => {
        const row = (await takeFree()) ?? (await make(username))
        if (row === undefined) throw new Error('the database returned no guest account')
        const { id, username: name, created, number } = row
        const plain = { firstName: '', lastName: '', createdAt: new Date(created), lastSeen: null }
        return { user: { id, username: name, ...plain }, stay: { user: id, number } }
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
        const [row] = await sql<{ number: number; rooms: string }[]>`
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

interface GuestRow {
  readonly id: UserId
  readonly username: string
  /** Milliseconds since 1970. */
  readonly created: number
  /** The number of the stay. */
  readonly number: number
}
