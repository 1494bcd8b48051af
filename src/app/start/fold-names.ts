import type { NameKeeper } from '../../core/index.ts'
import type { Logger } from '../../server/index.ts'

/** The most ids of each kind in the log. */
const LISTED = 20

/** Gives keys to all names that have none, and tells the log which of these names are against today's rules. They go on as they are. */
export async function foldNames(store: NameKeeper, log: Logger): Promise<void> {
  const [users, rooms] = [new Odd(), new Odd()]
  for (let left = true; left; ) {
    const folded = await store.foldNames()
    users.add(folded.oddUsers)
    rooms.add(folded.oddRooms)
    left = folded.left
  }
  if (users.count + rooms.count === 0) return
  const found = { users: users.count, rooms: rooms.count, user_ids: users.first, room_ids: rooms.first }
  log.warn(
    found,
    'names from an earlier version break the rules for names: they go on, but new ones like them are refused',
  )
}

class Odd {
  count = 0
  readonly first: number[] = []

  add(ids: readonly number[]): void {
    this.count += ids.length
    this.first.push(...ids.slice(0, LISTED - this.first.length))
  }
}
