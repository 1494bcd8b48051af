import { bigint, customType, timestamp } from 'drizzle-orm/pg-core'
import type { RoomId, Seq, UserId } from '../../core/model.ts'

/* Column types that the tables share. */

export const bytea = customType<{ data: Buffer }>({ dataType: () => 'bytea' })
export const userId = () => bigint({ mode: 'number' }).$type<UserId>()
export const roomId = () => bigint({ mode: 'number' }).$type<RoomId>()
export const seq = () => bigint({ mode: 'number' }).$type<Seq>()
export const time = () => timestamp({ withTimezone: true, mode: 'date', precision: 3 })
