import type { Seat } from '../plan.ts'
import type { Scenario } from './scenario.ts'
import { makeCrowd, makeRoomOf, seatsOf, talkPlan } from './seating.ts'

const ROOMS = 10
/** The users of each room who stay and send. */
const STAY = 3
/** All others disconnect at the same moment, and come back within this time. */
const WITHIN_MS = 5000

export const reconnect: Scenario = {
  name: 'reconnect',
  title: 'v2 clients all lose their connections at once and come back at once: each goes on where it was',
  nodes: 2,
  usual: { seconds: 30, users: 300 },
  contracts: ['v2'],
  script: 'talk',
  async *runs({ seconds, users }, servers) {
    const talkMs = seconds * 1000
    const size = Math.max(STAY + 1, Math.round(users / ROOMS))
    const crowd = await makeCrowd(servers[0], ROOMS * size)
    const seats: Seat[] = []
    for (let i = 0; i < ROOMS; i++) {
      const people = crowd.slice(i * size, (i + 1) * size)
      const room = await makeRoomOf(servers[0], 'private', people)
      seats.push(...seatsOf(room, people, { senders: STAY, everyMs: 1000, talkMs }, servers, attendance))
    }
    const missed = (size - STAY) * ROOMS
    yield {
      name: 'reconnect',
      what: `${missed} of ${seats.length} clients are away for a third of ${seconds} s, over ${ROOMS} rooms`,
      plan: talkPlan(seats, talkMs, {
        // The machine that runs the load must open all these connections in this time too.
        soon: ['p(95)<5000', 'p(99)<10000'],
        further: { return_ms: ['p(95)<10000', 'max<60000'], caught_up: [`count>=${missed}`] },
      }),
    }

    function attendance(index: number): Pick<Seat, 'kind' | 'contract' | 'absences'> {
      const back = (talkMs / 3) * 2 + Math.random() * WITHIN_MS
      return index < STAY
        ? { kind: 'stays', contract: 'v2', absences: [] }
        : { kind: 'returns', contract: 'v2', absences: [{ from: talkMs / 3, until: Math.round(back) }] }
    }
  },
}
