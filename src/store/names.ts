import type { Sql } from 'postgres'
import {
  lookAlikeKey,
  type NameKeeper,
  type RoomId,
  roomKey,
  roomNameOf,
  type UserId,
  usernameOf,
} from '../core/index.ts'
import type { Guard } from './connection/index.ts'
import { firstRows, toArray } from './sql/index.ts'

/** The most names of each kind that one call gives keys: a few milliseconds of work. */
const PIECE = 1000

/** Gives keys to names that have none. SQL cannot: its databases fold differently. */
export function createNameKeeper(sql: Sql, guard: Guard): NameKeeper {
  const unfoldedUsers = sql`select * from users where look_alike is null`
  const unfoldedRooms = sql`select * from rooms where name is not null and name_key is null and deleted_at is null`

  return {
    foldNames() {
      return guard(async () => {
        const users = await sql<NameRow<UserId>[]>`
          select id::float8 as id, username as name from (${firstRows(sql, unfoldedUsers, sql`id`, PIECE)}) u`
        const rooms = await sql<NameRow<RoomId>[]>`
          select id::float8 as id, name from (${firstRows(sql, unfoldedRooms, sql`name`, PIECE)}) r`
        if (users.length > 0) await keepUsers(users)
        if (rooms.length > 0) await keepRooms(rooms)
        return {
          left: users.length === PIECE || rooms.length === PIECE,
          oddUsers: users.filter(({ name }) => isOdd(name, usernameOf(name))).map(({ id }) => id),
          oddRooms: rooms.filter(({ name }) => isOdd(name, roomNameOf(name))).map(({ id }) => id),
        }
      })
    },
  }

  // Locks the rows by id first, so that all statements that write several of them lock them in one order.

  async function keepUsers(rows: readonly NameRow<UserId>[]): Promise<void> {
    const ids = toArray(rows.map(({ id }) => id))
    const alike = toArray(rows.map(({ name }) => lookAlikeKey(name) ?? name))
    await sql`
      with locked as (
        select id from users where id = any(${ids}::text::bigint[]) order by id for no key update
      )
      update users u set look_alike = w.alike
      from unnest(${ids}::text::bigint[], ${alike}::text::text[]) w(id, alike) join locked using (id) where u.id = w.id`
  }

  async function keepRooms(rows: readonly NameRow<RoomId>[]): Promise<void> {
    const ids = toArray(rows.map(({ id }) => id))
    const keys = toArray(rows.map(({ name }) => roomKey(name) ?? name))
    const alike = toArray(rows.map(({ name }) => lookAlikeKey(name) ?? name))
    await sql`
      with locked as (
        select id from rooms where id = any(${ids}::text::bigint[]) order by id for no key update
      )
      update rooms r set name_key = w.key, look_alike = w.alike
      from unnest(${ids}::text::bigint[], ${keys}::text::text[], ${alike}::text::text[]) w(id, key, alike)
      join locked using (id) where r.id = w.id`
  }
}

/** Returns whether a name would be refused, or stored otherwise, if it were given now. */
function isOdd(name: string, found: ReturnType<typeof usernameOf>): boolean {
  return !('name' in found && found.name === name)
}

interface NameRow<Id> {
  readonly id: Id
  readonly name: string
}
