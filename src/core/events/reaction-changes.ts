import type { UserId } from '../model.ts'
import type { ReactionChange, ReactionEvent, RoomEvent } from './event.ts'

/** Returns the later of two events about one message, with the changes of both: of a user's changes the last one counts. */
export function mergedReactions(earlier: RoomEvent, later: ReactionEvent): ReactionEvent {
  if (earlier.type !== 'reaction') return later
  const byName = new Map<string, Map<UserId, boolean>>()
  for (const { reaction, added, removed } of [...earlier.changed, ...later.changed]) {
    const users = byName.get(reaction) ?? new Map<UserId, boolean>()
    byName.set(reaction, users)
    for (const user of added) users.set(user, true)
    for (const user of removed) users.set(user, false)
  }
  return { ...later, changed: [...byName].map(([reaction, users]) => change(reaction, users)) }
}

function change(reaction: string, users: ReadonlyMap<UserId, boolean>): ReactionChange {
  const those = (isOn: boolean) => [...users].flatMap(([user, on]) => (on === isOn ? user : []))
  return { reaction, added: those(true), removed: those(false) }
}
