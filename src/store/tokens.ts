import { and, eq, gt, sql } from 'drizzle-orm'
import type { PostgresJsDatabase } from 'drizzle-orm/postgres-js'
import type { TokenRegister } from '../core/index.ts'
import type { Guard } from './guard.ts'
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

  return {
    addToken(hash, userId, kind, expiresAt) {
      return guard(async () => {
        await db.insert(tokens).values({ hash: Buffer.from(hash), userId, kind, expiresAt })
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
            .returning({ userId: tokens.userId }),
        )
        const [user] = await db
          .with(taken)
          .select(userColumns)
          .from(taken)
          .innerJoin(users, eq(users.id, taken.userId))
        return user ?? null
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
