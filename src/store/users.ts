import { and, asc, eq, gt, inArray, like, ne, sql } from 'drizzle-orm'
import type { PostgresJsDatabase } from 'drizzle-orm/postgres-js'
import { ChatError, formProblem, type UserRegister, usernameKey } from '../core/index.ts'
import type { Guard } from './guard.ts'
import { users } from './schema.ts'

export const userColumns = {
  id: users.id,
  username: users.username,
  firstName: users.firstName,
  lastName: users.lastName,
  createdAt: users.createdAt,
}

export function createUsers(db: PostgresJsDatabase, guard: Guard): UserRegister {
  const credentials = () =>
    db.select({ user: userColumns, passwordHash: users.passwordHash, kind: users.kind }).from(users)

  return {
    createUser(username, passwordHash, kind) {
      return guard(async () => {
        const [user] = await db
          .insert(users)
          .values({ username, usernameKey: usernameKey(username), passwordHash, kind })
          .onConflictDoNothing()
          .returning(userColumns)
        if (user === undefined) {
          throw new ChatError('conflict', 'A user with that username already exists.', { field: 'username' })
        }
        return user
      })
    },

    credentials(username) {
      return guard(async () => {
        const [found] = await credentials().where(eq(users.usernameKey, usernameKey(username)))
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
      return guard(async () => await db.select(userColumns).from(users).where(some))
    },

    users({ after, limit }, search) {
      // Text that the database cannot hold begins no name in it.
      if (formProblem(search) !== null) return Promise.resolve([])
      // The characters that mean something to LIKE are taken for what they are.
      const prefix = `${usernameKey(search).replace(/[\\%_]/g, '\\$&')}%`
      return guard(
        async () =>
          await db
            .select(userColumns)
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
  }
}
