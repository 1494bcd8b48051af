import type { Sql } from 'postgres'
import { type RoomId, roomKey, type UserId } from '../../core/index.ts'
import type { Part } from '../sql/index.ts'

/**
 * Returns the condition that the room `r` is the one that is meant; null for a text that cannot be a room's name.
 * @param user for whom a name is looked up: names of hidden rooms are unique for those who may see them only
 */
export function isRoom(
  sql: Sql,
  ref: { readonly id: RoomId } | { readonly name: string },
  user: UserId | null,
): Part | null {
  if ('id' in ref) return sql`r.id = ${ref.id}`
  const key = roomKey(ref.name)
  if (key === null) return null
  return sql`r.id = (select room from parley_find_room(${ref.name}, ${key}, ${user}))`
}
