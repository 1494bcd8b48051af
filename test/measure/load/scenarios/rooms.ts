import { type ContractName, contractNames } from '../contracts/index.ts'
import type { Seat } from '../plan.ts'
import type { Prepared, Scenario } from './scenario.ts'
import { makeCrowd, makeRoomOf, roomKinds, seatsOf, talkPlan } from './seating.ts'

/** Rooms of one size: how many there are, and what is sent in each. */
interface Sort {
  readonly size: number
  readonly rooms: number
  readonly senders: number
  readonly everyMs: number
}

const sorts: readonly Sort[] = [
  { size: 2, rooms: 20, senders: 2, everyMs: 2000 },
  { size: 32, rooms: 4, senders: 4, everyMs: 2000 },
  { size: 500, rooms: 1, senders: 4, everyMs: 2000 },
]
const directs: readonly Sort[] = [{ size: 2, rooms: 100, senders: 2, everyMs: 1000 }]

export const rooms: Scenario = {
  name: 'rooms',
  title:
    'rooms of 2, 32 and --users people, by each contract in turn: every message reaches everyone, once, soon',
  nodes: 2,
  usual: { seconds: 20, users: 500 },
  contracts: contractNames,
  script: 'talk',
  async *runs({ seconds, users, contracts }, servers) {
    const crowd = await makeCrowd(
      servers[0],
      Math.max(...contracts.map((name) => peopleIn(sortsOf(name, users)))),
    )
    for (const contract of contracts) yield await prepare(contract)

    async function prepare(contract: ContractName): Promise<Prepared> {
      const talkMs = seconds * 1000
      const seats: Seat[] = []
      const sorts = sortsOf(contract, users)
      for (const { size, rooms, senders, everyMs } of sorts) {
        for (let i = 0; i < rooms; i++) {
          const people = crowd.slice(seats.length, seats.length + size)
          const room = await makeRoomOf(servers[0], roomKinds[contract], people)
          const kind = `room of ${size}`
          seats.push(
            ...seatsOf(room, people, { senders, everyMs, talkMs }, servers, () => ({ kind, contract })),
          )
        }
      }
      const what = sorts.map(({ size, rooms }) => `${rooms} × ${size}`).join(', ')
      return { name: contract, what: `${contract}: rooms ${what}`, plan: talkPlan(seats, talkMs) }
    }
  },
}

/** Returns the rooms of a run. @param largest no room is larger */
function sortsOf(contract: ContractName, largest: number): Sort[] {
  const all = contract === 'direct-chats' ? directs : sorts
  return all.map((sort) => ({
    ...sort,
    size: Math.min(sort.size, largest),
    senders: Math.min(sort.senders, largest),
  }))
}

function peopleIn(sorts: readonly Sort[]): number {
  return sorts.reduce((sum, { size, rooms }) => sum + size * rooms, 0)
}
