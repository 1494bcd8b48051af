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
import type { AccountKind, JsonText } from '../../core/model.ts'
import { bytea, time, userId } from './columns.ts'

/* The tables of accounts; those of rooms are in `schema.ts`. */

export const users = pgTable(
  'users',
  {
    id: userId().primaryKey().generatedAlwaysAsIdentity(),
    username: text().notNull(),
    /** The name folded (NFKC, lower case), so that a name is taken in any case. Folded by Parley, so that every database folds alike. */
    usernameKey: text().notNull(),
    /** The key that names share if they look alike; null until Parley has made it. */
    lookAlike: text(),
    /** argon2id. null for an account without a password: its token signs in, or its id if ids are trusted. */
    passwordHash: text(),
    kind: text().$type<AccountKind>().notNull().default('person'),
    firstName: text().notNull().default(''),
    lastName: text().notNull().default(''),
    /** As that of rooms. */
    metadata: text().$type<JsonText>(),
    createdAt: time().notNull().defaultNow(),
    /** When the user's last connection closed. */
    lastSeenAt: time(),
  },
  (t) => [
    // Unique names. Also the look-up at sign-in and the prefix search.
    uniqueIndex('users_username').on(t.usernameKey.op('text_pattern_ops')),
    // Names that look like a new one.
    index('users_look_alike').on(t.lookAlike),
    // Names that have no key yet: those of nodes of the version before.
    index('users_unfolded').on(t.id).where(sql`look_alike is null`),
  ],
)

export const tokens = pgTable(
  'tokens',
  {
    /** SHA-256 of the token. The token itself is nowhere in the database. */
    hash: bytea().primaryKey(),
    userId: userId()
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    kind: text().$type<'token' | 'ticket'>().notNull(),
    /** The token that a ticket was issued for, and ends with; null for a token. */
    parent: bytea().references((): AnyPgColumn => tokens.hash, { onDelete: 'cascade' }),
    createdAt: time().notNull().defaultNow(),
    expiresAt: time().notNull(),
  },
  (t) => [
    // A user's tokens (list, revoke all) and the sweep of expired ones.
    index('tokens_user').on(t.userId),
    index('tokens_expiry').on(t.expiresAt),
    // The tickets that end with a token; few exist at any time.
    index('tokens_parent').on(t.parent).where(sql`parent is not null`),
  ],
)

/** The clients from which accounts were signed in to. Guesses from elsewhere do not lock these out. */
export const knownClients = pgTable(
  'known_clients',
  {
    userId: userId()
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    /** SHA-256 of the account's name with the client's address, or with its browser's secret. */
    client: bytea().notNull(),
    /** In microseconds, to tell which clients are the latest. */
    seenAt: timestamp({ withTimezone: true, mode: 'date' }).notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ name: 'known_clients_pkey', columns: [t.userId, t.client] }),
    // The sweep of clients that were not seen for long.
    index('known_clients_seen').on(t.seenAt),
  ],
)

/** Guests who are present, and the accounts of former guests who said nothing, which are used again. */
export const guests = pgTable(
  'guests',
  {
    userId: userId()
      .primaryKey()
      .references(() => users.id, { onDelete: 'cascade' }),
    /** The number of the account's current or last guest; a stay is ended by its number. */
    stay: bigint({ mode: 'number' }).notNull().default(sql`1`),
    /** How often the guest's node has reported the guest. If it stands still, the node is gone. */
    beats: bigint({ mode: 'number' }).notNull().default(sql`0`),
    /** null while the guest is present. */
    leftAt: time(),
  },
  (t) => [
    // Finds a free account.
    index('guests_free').on(t.leftAt).where(sql`left_at is not null`),
  ],
)
