import { and, asc, desc, eq, gt, inArray, ne, type SQL, sql } from 'drizzle-orm'
import type { AnyPgColumn } from 'drizzle-orm/pg-core'
import type { PostgresJsDatabase } from 'drizzle-orm/postgres-js'
import type { TokenRegister, UserId } from '../../core/index.ts'
import { codeOf, FOREIGN_KEY_VIOLATION, type Guard } from '../connection/index.ts'
import { tokens, users } from '../schema.ts'
import { userColumns } from './users.ts'

/** Tokens and tickets, by their hash only. The database's clock, which all nodes share, decides whether one has expired. */
export function createTokens(
  db: PostgresJsDatabase,
  guard: Guard,
): Omit<TokenRegister, 'tokenOwner' | 'tokenOwners'> {
  const living = gt(tokens.expiresAt, sql`now()`)
  const tokensOf = (user: UserId) => and(eq(tokens.userId, user), eq(tokens.kind, 'token'))

  async function remove(condition: SQL | undefined): Promise<{ hash: Buffer; living: boolean }[]> {
    return await db
      .delete(tokens)
      .where(condition)
      .returning({ hash: tokens.hash, living: sql<boolean>`${living}` })
  }

  const after = (ms: number) => sql<Date>`now() + ${ms} * interval '1 millisecond'`

  return {
    addToken(hash, userId, lifetimeMs) {
      return guard(async () => {
        await db
          .insert(tokens)
          .values({ hash: Buffer.from(hash), userId, kind: 'token', expiresAt: after(lifetimeMs) })
      })
    },

    addTicket(hash, userId, parent, lifetimeMs) {
      return guard(async () => {
        try {
          await db.insert(tokens).values({
            hash: Buffer.from(hash),
            userId,
            kind: 'ticket',
            parent: Buffer.from(parent),
            expiresAt: after(lifetimeMs),
          })
          return true
        } catch (error) {
          if (codeOf(error) === FOREIGN_KEY_VIOLATION) return false
          throw error
        }
      })
    },

    redeemTicket(hash) {
      return guard(async () => {
        const taken = db.$with('taken').as(
          db
            .delete(tokens)
            .where(and(eq(tokens.hash, Buffer.from(hash)), eq(tokens.kind, 'ticket'), living))
            .returning({ userId: tokens.userId, parent: tokens.parent }),
        )
        const [found] = await db
          .with(taken)
          .select({ user: userColumns, parent: taken.parent, expiresInMs: msLeft(tokens.expiresAt) })
          .from(taken)
          .innerJoin(users, eq(users.id, taken.userId))
          // The ticket's token may have expired since.
          .innerJoin(tokens, and(eq(tokens.hash, taken.parent), living))
        return found === undefined || found.parent === null ? null : { ...found, parent: found.parent }
      })
    },

    removeToken(hash) {
      return guard(async () => (await remove(eq(tokens.hash, Buffer.from(hash)))).length > 0)
    },

    tokensOf(user) {
      return guard(
        async () =>
          await db
            .select({ hash: tokens.hash, createdAt: tokens.createdAt, expiresAt: tokens.expiresAt })
            .from(tokens)
            .where(and(tokensOf(user), living))
            .orderBy(desc(tokens.createdAt), asc(tokens.hash))
            .limit(LISTED),
      )
    },

    removeTokenOf(user, hash) {
      return guard(async () => {
        const gone = await remove(and(tokensOf(user), eq(tokens.hash, Buffer.from(hash))))
        return gone.some((token) => token.living)
      })
    },

    livingTokens(hashes) {
      if (hashes.length === 0) return Promise.resolve([])
      const some = hashes.map((hash) => Buffer.from(hash))
      return guard(async () => {
        const rows = await db
          .select({ hash: tokens.hash })
          .from(tokens)
          .where(and(inArray(tokens.hash, some), living))
        return rows.map((row) => row.hash)
      })
    },

    removeOtherTokens(user, keep) {
      const kept = keep === null ? undefined : ne(tokens.hash, Buffer.from(keep))
      return guard(async () => {
        const gone = await remove(and(tokensOf(user), kept))
        return gone.flatMap((token) => (token.living ? [token.hash] : []))
      })
    },
  }
}

/** Milliseconds until a time, by the database's clock. */
function msLeft(time: AnyPgColumn) {
  return sql<number>`(extract(epoch from ${time} - now()) * 1000)::float8`
}

/** The most tokens of a user in a list. */
const LISTED = 1000
