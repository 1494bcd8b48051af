import { and, asc, eq, gt, inArray, like, ne, sql } from 'drizzle-orm'
import type { PostgresJsDatabase } from 'drizzle-orm/postgres-js'
import type { Sql } from 'postgres'
import {
  ChatError,
  formProblem,
  lookAlikeKey,
  type UserId,
  type UserRegister,
  usernameKey,
} from '../../core/index.ts'
import type { Guard } from '../connection/index.ts'
import { createUser } from '../functions/index.ts'
import { checkedId } from '../messages/index.ts'
import { users } from '../schema.ts'
import { toArray } from '../sql/index.ts'

export const userColumns = {
  id: users.id,
  username: users.username,
  firstName: users.firstName,
  lastName: users.lastName,
  createdAt: users.createdAt,
  lastSeen: users.lastSeenAt,
}

/** What others see of a user. */
const profileColumns = { ...userColumns, metadata: users.metadata }

export function createUsers(client: Sql, db: PostgresJsDatabase, guard: Guard): UserRegister {
  const credentials = () =>
    db.select({ user: userColumns, passwordHash: users.passwordHash, kind: users.kind }).from(users)

  return {
    createUser(username, passwordHash, kind) {
      const [key, look_alike] = [usernameKey(username), lookAlikeKey(username)]
      if (key === null || look_alike === null) return Promise.reject(new Error('no name is as long as that'))
      return guard(async () => {
        const wanted = { username, key, look_alike, password_hash: passwordHash, kind }
        const { made, at } = await createUser.row(client, wanted)
        if (made === null || at === null) {
          throw new ChatError('conflict', 'A user with that username already exists.', { field: 'username' })
        }
        const profile = { firstName: '', lastName: '', createdAt: new Date(at), lastSeen: null }
        return { id: checkedId(made), username, ...profile }
      })
    },

    credentials(username) {
      const key = usernameKey(username)
      if (key === null) return Promise.resolve(null)
      return guard(async () => {
        const [found] = await credentials().where(eq(users.usernameKey, key))
        return found ?? null
      })
    },

    user(id) {
      return guard(async () => {
        const [found] = await credentials().where(eq(users.id, id))
        return found ?? null
      })
    },

    usersById(ids) {
      if (ids.length === 0) return Promise.resolve([])
      return guard(
        async () =>
          await db
            .select(userColumns)
            .from(users)
            .where(inArray(users.id, [...ids])),
      )
    },

    accountsById(ids) {
      if (ids.length === 0) return Promise.resolve([])
      const some = and(inArray(users.id, [...ids]), ne(users.kind, 'guest'))
      return guard(async () => await db.select(profileColumns).from(users).where(some))
    },

    users({ after, limit }, search) {
      const begins = usernameKey(search)
      // A text that is too long for a name, or that the database cannot hold, is the beginning of no name.
      if (begins === null || formProblem(search) !== null) return Promise.resolve([])
      // Escapes the characters that have a meaning in LIKE.
      const prefix = `${begins.replace(/[\\%_]/g, '\\$&')}%`
      return guard(
        async () =>
          await db
            .select(profileColumns)
            .from(users)
            .where(
              and(
                gt(users.id, sql`${after}`),
                ne(users.kind, 'guest'),
                search === '' ? undefined : like(users.usernameKey, prefix),
              ),
            )
            .orderBy(asc(users.id))
            .limit(limit),
      )
    },

    updateProfile(id, { firstName, lastName, metadata }) {
      return guard(async () => {
        const [user] = await db
          .update(users)
          // An update must set something even if nothing changes.
          .set({ firstName: firstName ?? sql`${users.firstName}`, lastName, metadata })
          .where(eq(users.id, id))
          .returning(profileColumns)
        return user ?? null
      })
    },

    setPassword(id, passwordHash) {
      return guard(async () => void (await db.update(users).set({ passwordHash }).where(eq(users.id, id))))
    },

    touchSeen(seen) {
      return guard(async () => {
        const ids = toArray(seen.map(({ user }) => user))
        const agos = toArray(seen.map(({ agoMs }) => agoMs))
        // Locks the rows by id first, so that all statements that write several users lock them in one order.
        const rows = await client<{ user: UserId; at: number }[]>`
          with locked as (
            select id from users where id = any(${ids}::bigint[]) order by id for no key update
          )
          update users set last_seen_at = greatest(last_seen_at, now() - seen.ago * interval '1 millisecond')
          from unnest(${ids}::bigint[], ${agos}::float8[]) seen(id, ago) join locked using (id)
          where users.id = seen.id
          returning users.id as user, (extract(epoch from last_seen_at) * 1000)::float8 as at`
        return new Map(rows.map(({ user, at }) => [user, new Date(at)]))
      })
    },
  }
}
