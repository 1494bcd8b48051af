import type { Sql } from 'postgres'
import type { PrivateEntry, PrivateEntryOf, PrivateType, RoomId, Seq } from '../../core/index.ts'
import type { Part } from '../sql/index.ts'
import { isPrivateType, toValue } from './values.ts'

/** A row of `private_entries`: numbers as numbers, times in milliseconds. */
export interface EntryRow {
  readonly room: RoomId
  readonly type: string
  readonly item: Seq
  readonly seq: Seq
  readonly value: string | null
  readonly at: number
}

/** The columns of `EntryRow`. @param e the entry's name in the statement */
export function entryColumns(sql: Sql, e: Part) {
  return sql`${e}.room_id::float8 as room, ${e}.type, ${e}.item::float8 as item, ${e}.seq::float8 as seq, ${e}.value::text as value,
    (extract(epoch from ${e}.created_at) * 1000)::float8 as at`
}

/** Returns null for a type that this version does not know. */
export function toEntry(row: EntryRow): PrivateEntry | null {
  return isPrivateType(row.type) ? entryOf(row.type, row) : null
}

export function entryOf<T extends PrivateType>(
  type: T,
  { room: roomId, item, seq, value, at }: Omit<EntryRow, 'type'>,
): PrivateEntryOf<T> {
  const kept = value === null ? null : toValue(type, JSON.parse(value))
  return { type, roomId, item, seq, value: kept, at: new Date(at) }
}
