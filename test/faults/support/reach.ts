import { until } from '../../support/until.ts'
import type { Load } from './load.ts'

/** Sends one message to the first room. @returns milliseconds until the last client of all nodes holds it */
export async function reachesEveryone(load: Load, body: string, withinMs = 10_000): Promise<number> {
  const [speaker] = load.clients
  const [room] = load.rooms
  if (speaker === undefined || room === undefined) throw new Error('there is nobody, or no room')
  const start = performance.now()
  const { acks } = speaker.say(room, body)
  const hasIt = ({ position = 0 } = {}) => position >= (acks[0]?.seq ?? Number.POSITIVE_INFINITY)
  await until(
    () => load.clients.every(({ rooms }) => hasIt(rooms.get(room))),
    `everyone to hear what was ${body}`,
    withinMs,
  )
  return performance.now() - start
}
