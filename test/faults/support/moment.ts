import { until } from '../../support/until.ts'
import type { Load } from './load.ts'
import type { SteadyClient } from './steady-client.ts'

/** @returns milliseconds until a ping was answered */
export async function ping(client: SteadyClient): Promise<number> {
  const start = performance.now()
  const answer = await client.ask({ type: 'ping' })
  if (answer?.type !== 'result') throw new Error(`a ping was answered with ${JSON.stringify(answer)}`)
  return performance.now() - start
}

/** A user on the first node types. @returns milliseconds until the clients of all nodes have received it */
export async function hearsTyping(load: Load, withinMs = 5000): Promise<number> {
  const [speaker] = load.clients
  const [room] = load.rooms
  if (speaker === undefined || room === undefined) throw new Error('there is nobody, or no room')
  // If the user was typing already, nothing would be sent.
  await speaker.ask({ type: 'typing', room, typing: false })
  const before = load.clients.map((client) => client.typingHeard(speaker.who.id))
  const start = performance.now()
  await speaker.ask({ type: 'typing', room, typing: true })
  const heard = () =>
    load.clients.every((client, index) => client.typingHeard(speaker.who.id) > (before[index] ?? 0))
  await until(heard, 'everyone to hear of the typing', withinMs)
  return performance.now() - start
}
