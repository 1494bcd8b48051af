import { type ContractName, contractNames } from '../contracts/index.ts'
import type { Reader, RestPlan } from '../plan.ts'
import type { Scenario } from './scenario.ts'
import { makeCrowd, makeRoomOf, roomKinds, takenInTurn } from './seating.ts'

const SOON = ['p(95)<500', 'p(99)<2000']

export const rest: Scenario = {
  name: 'rest',
  title: 'sending by request, and reading the history: what was sent is in it at once, by each contract',
  nodes: 2,
  usual: { seconds: 30, users: 24 },
  contracts: contractNames,
  script: 'rest',
  async *runs({ seconds, users, contracts }, servers) {
    const readers: Reader[] = []
    const each = Math.max(1, Math.floor(users / contracts.length))
    for (const contract of contracts) readers.push(...(await readersOf(contract, each)))
    const plan: RestPlan = {
      items: readers,
      rules: {
        seconds,
        pauseMs: 250,
        thresholds: {
          checks: ['rate==1'],
          stored: [`count>=${readers.length}`],
          ...Object.fromEntries(
            contracts.flatMap((name) => [
              [`send_ms{kind:${name}}`, SOON],
              [`history_ms{kind:${name}}`, SOON],
            ]),
          ),
        },
      },
    }
    yield { name: 'rest', what: `${each} clients of each of ${contracts.join(', ')}`, plan }

    /** All in one room, except direct chats: a request shows only the latest message of a chat, so each client has its own. */
    async function readersOf(contract: ContractName, count: number): Promise<Reader[]> {
      const isDirect = roomKinds[contract] === 'direct'
      const people = await makeCrowd(servers[0], isDirect ? 2 * count : count)
      const groups = isDirect
        ? people.slice(count).map((other, i) => [takenInTurn(people, i), other])
        : [people]
      const found: Reader[] = []
      for (const group of groups) {
        const { id, name } = await makeRoomOf(servers[0], roomKinds[contract], group)
        for (const person of isDirect ? group.slice(0, 1) : group) {
          const { url } = takenInTurn(servers, found.length)
          found.push({ contract, url, room: { id, name }, user: { id: person.id, token: person.token } })
        }
      }
      return found
    }
  },
}
