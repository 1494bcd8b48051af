import { and, eq, gt, sql } from 'drizzle-orm'
import type { PostgresJsDatabase } from 'drizzle-orm/postgres-js'
import type { TokenRegister } from '../core/index.ts'
import { codeOf, FOREIGN_KEY_VIOLATION, type Guard } from './guard.ts'
import { tokens, users } from './schema.ts'
import { userColumns } from './users.ts'

/** Tokens and tickets, by their hash only. Whether one has expired is decided by the database's clock, which all nodes share. */
export function createTokens(db: PostgresJsDatabase, guard: Guard): TokenRegister {
  const living = gt(tokens.expiresAt, sql`now()`)
  const owner = db
    .select(userColumns)
    .from(tokens)
    .innerJoin(users, eq(users.id, tokens.userId))
    .where(and(eq(tokens.hash, sql.placeholder('hash')), eq(tokens.kind, 'token'), living))
    .prepare('parley_token_owner')

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

    tokenOwner(hash) {
      return guard(async () => (await owner.execute({ hash: Buffer.from(hash) }))[0] ?? null)
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
          .select({ user: userColumns, parent: taken.parent })
          .from(taken)
          .innerJoin(users, eq(users.id, taken.userId))
          // The token that it was for may have expired since.
          .innerJoin(tokens, and(eq(tokens.hash, taken.parent), living))
        return found === undefined || found.parent === null
          ? null
          : { user: found.user, parent: found.parent }
      })
    },

    removeToken(hash) {
      return guard(async () => {
        const gone = await db
          .delete(tokens)
          .where(eq(tokens.hash, Buffer.from(hash)))
          .returning({ userId: tokens.userId })
        return gone.length > 0
      })
    },
  }
}
