import { batchLookUps } from '../batched-look-ups.ts'
import type { UserId } from '../model.ts'
import type { UserPresence } from '../ports.ts'

/** Users about whom the nodes are asked at once, unless one question is about more. */
const ASKED_AT_ONCE = 5000

/** Returns what finds out which users are online, for many rooms at once. The result may hold users whom others asked for. */
export function onlineLookUps(
  presence: Pick<UserPresence, 'online'>,
): (users: readonly UserId[]) => Promise<ReadonlySet<UserId>> {
  return batchLookUps(
    async (wanted: readonly (readonly UserId[])[]) => {
      const online = await presence.online([...new Set(wanted.flat())])
      return wanted.map(() => online)
    },
    { most: ASKED_AT_ONCE, of: (users) => users.length },
  )
}
