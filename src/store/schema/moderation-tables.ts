import { sql } from 'drizzle-orm'
import { bigint, index, jsonb, pgTable, primaryKey, text, uniqueIndex } from 'drizzle-orm/pg-core'
import type { AuditAction, ReportOutcome } from '../../core/model.ts'
import { users } from './account-tables.ts'
import { roomId, seq, time, userId } from './columns.ts'
import { rooms } from './room-tables.ts'

/*
 * The tables of moderation. Bans and mutes are decided by under the room's lock, by every function that adds a member or lets one speak.
 */

const room = () =>
  roomId()
    .notNull()
    .references(() => rooms.id, { onDelete: 'cascade' })
const user = () =>
  userId()
    .notNull()
    .references(() => users.id, { onDelete: 'cascade' })

/** Users who may not be in a room, neither by joining nor by invitation. One whose end has passed does not count. */
export const bans = pgTable(
  'bans',
  {
    roomId: room(),
    userId: user(),
    actorId: userId().notNull(),
    reason: text().notNull(),
    /** null: until it is lifted. */
    until: time(),
    createdAt: time().notNull(),
  },
  (t) => [
    primaryKey({ name: 'bans_pkey', columns: [t.roomId, t.userId] }),
    // The end of a guest's stay, and the removal of a user's row.
    index('bans_user').on(t.userId),
  ],
)

/** Members who may not speak. A mute outlasts the membership, so that nobody ends it by leaving and coming back. */
export const mutes = pgTable(
  'mutes',
  {
    roomId: room(),
    userId: user(),
    actorId: userId().notNull(),
    reason: text().notNull(),
    /** null: until it is lifted. */
    until: time(),
    createdAt: time().notNull(),
  },
  (t) => [
    primaryKey({ name: 'mutes_pkey', columns: [t.roomId, t.userId] }),
    // The end of a guest's stay, and the removal of a user's row.
    index('mutes_user').on(t.userId),
  ],
)

/** When plain members last sent to rooms in slow mode. Written under the room's lock alone; no foreign keys, as in `messages`. */
export const slowSends = pgTable(
  'slow_sends',
  { roomId: roomId().notNull(), userId: userId().notNull(), at: time().notNull() },
  (t) => [
    primaryKey({ name: 'slow_sends_pkey', columns: [t.roomId, t.userId] }),
    // Those that are to be forgotten.
    index('slow_sends_at').on(t.at),
  ],
)

/** Messages that members have reported to the room's staff. No foreign keys, as in `messages`. */
export const roomReports = pgTable(
  'room_reports',
  {
    roomId: roomId().notNull(),
    id: bigint({ mode: 'number' }).notNull().generatedAlwaysAsIdentity(),
    /** The message's number. */
    seq: seq().notNull(),
    reporterId: userId().notNull(),
    reason: text().notNull(),
    createdAt: time().notNull(),
    /** Who has closed it, how and when; null while it is open. */
    resolverId: userId(),
    outcome: text().$type<ReportOutcome>(),
    resolvedAt: time(),
  },
  (t) => [
    primaryKey({ name: 'room_reports_pkey', columns: [t.roomId, t.id] }),
    // The open ones, in pages by id.
    index('room_reports_open').on(t.roomId, t.id).where(sql`resolved_at is null`),
    // A user reports a message once.
    uniqueIndex('room_reports_once').on(t.reporterId, t.roomId, t.seq),
    // Those that are to be forgotten.
    index('room_reports_age').on(t.createdAt),
  ],
)

/** What the staff of rooms has done, each written in the transaction of the act. No foreign keys, as in `messages`. */
export const roomAudit = pgTable(
  'room_audit',
  {
    roomId: roomId().notNull(),
    id: bigint({ mode: 'number' }).notNull().generatedAlwaysAsIdentity(),
    actorId: userId().notNull(),
    action: text().$type<AuditAction>().notNull(),
    /** To whom it was done, if to anyone. */
    userId: userId(),
    /** The number of the message that it was done to, if to any. */
    seq: seq(),
    detail: jsonb(),
    createdAt: time().notNull(),
  },
  (t) => [
    // The latest, in pages.
    primaryKey({ name: 'room_audit_pkey', columns: [t.roomId, t.id] }),
    // Those that are to be forgotten.
    index('room_audit_age').on(t.createdAt),
  ],
)

/** Users who want nothing of others. */
export const userBlocks = pgTable(
  'user_blocks',
  { userId: user(), blockedId: user(), createdAt: time().notNull() },
  (t) => [
    primaryKey({ name: 'user_blocks_pkey', columns: [t.userId, t.blockedId] }),
    // The removal of a user's row.
    index('user_blocks_blocked').on(t.blockedId),
  ],
)
