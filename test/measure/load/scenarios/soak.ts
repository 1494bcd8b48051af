import { contractNames } from '../contracts/index.ts'
import type { Seat } from '../plan.ts'
import type { Scenario } from './scenario.ts'
import { makeCrowd, makeRoomOf, seatsOf, takenInTurn, talkPlan } from './seating.ts'

const ROOMS = 3
const DIRECTS = 10
/** How often, and for how long, a v2 client that only listens disconnects. */
const AWAY = { everyMs: 60_000, forMs: 5000 }

export const soak: Scenario = {
  name: 'soak',
  title: 'little, for long, all contracts in the same rooms at once; says how the memory of the servers went',
  nodes: 2,
  usual: { seconds: 300, users: 25 },
  contracts: contractNames,
  script: 'talk',
  async *runs({ seconds, users, contracts }, servers) {
    const talkMs = seconds * 1000
    const inRooms = contracts.filter((name) => name !== 'direct-chats')
    const inDirects = contracts.filter((name) => name === 'direct-chats' || name === 'v1' || name === 'v2')
    const seats: Seat[] = []

    for (let i = 0; i < ROOMS && inRooms.length > 0; i++) {
      const people = await makeCrowd(servers[0], users)
      const room = await makeRoomOf(servers[0], 'public', people)
      const talk = { senders: Math.ceil(users * 0.8), everyMs: 10_000, talkMs }
      seats.push(
        ...seatsOf(room, people, talk, servers, (index) => {
          const contract = takenInTurn(inRooms, index)
          const listens = index >= talk.senders
          return { kind: contract, contract, absences: listens && contract === 'v2' ? absences(index) : [] }
        }),
      )
    }
    for (let i = 0; i < DIRECTS && inDirects.length > 0; i++) {
      const people = await makeCrowd(servers[0], 2)
      const room = await makeRoomOf(servers[0], 'direct', people)
      const talk = { senders: 2, everyMs: 5000, talkMs }
      seats.push(
        ...seatsOf(room, people, talk, servers, (index) => ({
          kind: 'direct',
          // Over all chats, each user meets each other user.
          contract: takenInTurn(inDirects, index === 0 ? i : Math.floor(i / inDirects.length)),
        })),
      )
    }
    const what = `${ROOMS} rooms of ${users} and ${DIRECTS} direct chats, for ${seconds} s: ${contracts.join(', ')}`
    yield { name: 'soak', what, plan: talkPlan(seats, talkMs) }

    function absences(index: number): { from: number; until: number }[] {
      const times = Math.max(0, Math.floor(talkMs / AWAY.everyMs) - 1)
      return Array.from({ length: times }, (_, i) => {
        const from = (i + 0.5) * AWAY.everyMs + index * 100
        return { from, until: from + AWAY.forMs }
      })
    }
  },
}
