import { sql } from 'drizzle-orm'
import {
  type AnyPgColumn,
  bigint,
  index,
  pgTable,
  primaryKey,
  text,
  timestamp,
  uniqueIndex,
} from 'drizzle-orm/pg-core'
import type { AccountKind } from '../../core/model.ts'
import { bytea, time, userId } from './columns.ts'

/* The tables of who somebody is; those of rooms are in `schema.ts`. */

export const users = pgTable(
  'users',
  {
    id: userId().primaryKey().generatedAlwaysAsIdentity(),
    username: text().notNull(),
    /** The name folded (NFKC, lower case): one account a name, whatever its case. Folded by us, so that every database folds alike. */
    usernameKey: text().notNull(),
    /** argon2id; null for an account without a password, which is reached by its token or, where ids are trusted, by its id. */
    passwordHash: text(),
    kind: text().$type<AccountKind>().notNull().default('person'),
    firstName: text().notNull().default(''),
    lastName: text().notNull().default(''),
    createdAt: time().notNull().defaultNow(),
    /** When their last connection closed. */
    lastSeenAt: time(),
  },
  (t) => [
    // One account a name; also the look-up at login and the prefix search.
    uniqueIndex('users_username').on(t.usernameKey.op('text_pattern_ops')),
  ],
)

export const tokens = pgTable(
  'tokens',
  {
    /** SHA-256 of the token: the token itself is nowhere in the database. */
    hash: bytea().primaryKey(),
    userId: userId()
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    kind: text().$type<'token' | 'ticket'>().notNull(),
    /** Of a ticket: the token that it was issued for, with which it ends. */
    parent: bytea().references((): AnyPgColumn => tokens.hash, { onDelete: 'cascade' }),
    createdAt: time().notNull().defaultNow(),
    expiresAt: time().notNull(),
  },
  (t) => [
    // A user's tokens (list, revoke all) and the sweep of expired ones.
    index('tokens_user').on(t.userId),
    index('tokens_expiry').on(t.expiresAt),
    // What ends with a token; few tickets live at any time.
    index('tokens_parent').on(t.parent).where(sql`parent is not null`),
  ],
)

/** The clients from which accounts were signed in to: what guesses from elsewhere cannot lock out. */
export const knownClients = pgTable(
  'known_clients',
  {
    userId: userId()
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    /** SHA-256 of the account's name with the client's address, or with the secret of its browser. */
    client: bytea().notNull(),
    /** To the microsecond, since the latest ones are kept. */
    seenAt: timestamp({ withTimezone: true, mode: 'date' }).notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ name: 'known_clients_pkey', columns: [t.userId, t.client] }),
    // The sweep of those that were not seen for long.
    index('known_clients_seen').on(t.seenAt),
  ],
)

/** Guests who are there, and accounts of guests who said nothing, to be used again. */
export const guests = pgTable(
  'guests',
  {
    userId: userId()
      .primaryKey()
      .references(() => users.id, { onDelete: 'cascade' }),
    /** Counts the account's guests, and who ends their stays. */
    stay: bigint({ mode: 'number' }).notNull().default(sql`1`),
    /** How often the guest's node has said that they are there: once that stands still, the node is gone. */
    beats: bigint({ mode: 'number' }).notNull().default(sql`0`),
    /** Null while the guest is there. */
    leftAt: time(),
  },
  (t) => [
    // An account that is free.
    index('guests_free').on(t.leftAt).where(sql`left_at is not null`),
  ],
)
