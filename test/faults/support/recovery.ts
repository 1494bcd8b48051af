import { until } from '../../support/until.ts'
import type { Load } from './load.ts'
import type { Sending } from './sending.ts'

/** The promised time from the end of a database fault until everything works again, in milliseconds. */
export const RECOVERY_MS = 10_000

/**
 * Each client sends one message. Resolves once each is acknowledged and every client of all nodes holds it.
 * @returns milliseconds that it took
 */
export async function recovers(load: Load, withinMs = RECOVERY_MS): Promise<number> {
  const start = performance.now()
  const said = load.clients.map((client, index) =>
    client.say(load.rooms[index % load.rooms.length] ?? 0, `${client.who.username} after ${start}`),
  )
  await until(
    () => said.every((sending) => reached(load, sending)),
    'a send by each client to be acknowledged and delivered to all',
    withinMs,
  ).catch((error: unknown) => {
    throw new Error(`${error}: ${whatIsMissing(load, said)}`)
  })
  return performance.now() - start
}

function reached({ clients }: Load, { room, clientId, acks: [ack] }: Sending): boolean {
  return (
    ack !== undefined && clients.every(({ rooms }) => rooms.get(room)?.hasSeen(ack.seq, clientId) === true)
  )
}

function whatIsMissing(load: Load, said: readonly Sending[]): string {
  const unanswered = said.filter(({ acks }) => acks.length === 0)
  const refusals = new Set(unanswered.flatMap(({ refusals }) => refusals.map(({ code }) => code)))
  const away = load.clients.filter(({ url }) => url === null).length
  const deaf = load.clients.filter(({ live }) => !live).length
  return (
    `${unanswered.length} of ${said.length} have no answer (refused with ${[...refusals].join(', ') || 'nothing'}), ` +
    `${away} clients are not connected, ${deaf} do not hear all rooms`
  )
}
