/* Users, rooms, and which user is in which room. */

import {
  type Kind,
  makePeople,
  makeRoom,
  type Person,
  type Room,
  type ServerUrls,
} from '../../../api/across/support/people.ts'
import type { ContractName } from '../contracts/index.ts'
import type { Seat, TalkPlan, Thresholds } from '../plan.ts'

/** The kind of room that each contract's clients make. */
export const roomKinds: Readonly<Record<ContractName, Kind>> = {
  'chat-service': 'private',
  'live-chat': 'public',
  'direct-chats': 'direct',
  groups: 'public',
  v1: 'public',
  v2: 'private',
}

/** Accounts without a password, so that making them costs the server little. */
export async function makeCrowd(server: ServerUrls, count: number): Promise<Person[]> {
  const people: Person[] = []
  while (people.length < count) {
    const names = Array.from({ length: Math.min(AT_ONCE, count - people.length) }, () => 'load')
    people.push(...(await makePeople(server, ...names)))
  }
  return people
}

/** Creates a room of all these users; the first is its owner. */
export async function makeRoomOf(server: ServerUrls, kind: Kind, people: readonly Person[]): Promise<Room> {
  const [owner, ...others] = people
  if (owner === undefined) throw new Error('a room is for somebody')
  return await makeRoom(server, kind, owner, others, `load-${crypto.randomUUID()}`)
}

/** What is sent in a room: each of its first `senders` users sends at an interval. */
export interface Talk {
  readonly senders: number
  readonly everyMs: number
  readonly talkMs: number
}

/**
 * Returns the clients of a room. The senders take turns, and so do the nodes.
 * @param dress returns what is particular to the client at that place
 */
export function seatsOf(
  room: Room,
  people: readonly Person[],
  { senders, everyMs, talkMs }: Talk,
  servers: readonly ServerUrls[],
  dress: (index: number) => Pick<Seat, 'kind' | 'contract'> & Partial<Pick<Seat, 'absences'>>,
): Seat[] {
  const each = Math.max(1, Math.floor(talkMs / everyMs))
  const said = Object.fromEntries(people.slice(0, senders).map(({ id }) => [id, each]))
  return people.map(({ id, token }, index) => ({
    url: takenInTurn(servers, index).url,
    room: { id: room.id, name: room.name },
    user: { id, token },
    sends: index < senders ? each : 0,
    firstMs: Math.round((index * everyMs) / senders),
    everyMs,
    said,
    absences: [],
    ...dress(index),
  }))
}

/**
 * Returns a talk, with the thresholds that hold for every talk.
 * @param soon how long a message may take
 */
export function talkPlan(
  seats: readonly Seat[],
  talkMs: number,
  { soon = SOON, further = {} }: { soon?: string[]; further?: Thresholds } = {},
): TalkPlan {
  const heard = seats.reduce((sum, { said }) => sum + Object.values(said).reduce((a, b) => a + b, 0), 0)
  const kinds = [...new Set(seats.map(({ kind }) => kind))]
  return {
    items: seats,
    rules: {
      connectMs: CONNECT_MS + seats.length * CONNECT_EACH_MS,
      talkMs,
      thresholds: {
        checks: ['rate==1'],
        finished: [`count==${seats.length}`],
        sent: [`count==${seats.reduce((sum, { sends }) => sum + sends, 0)}`],
        deliveries: [`count==${heard}`],
        ...Object.fromEntries(['lost', 'repeated', 'foreign', 'refused'].map((name) => [name, ['count==0']])),
        connect_ms: ['p(95)<5000'],
        ...Object.fromEntries(kinds.map((kind) => [`delivery_ms{kind:${kind}}`, soon])),
        ...further,
      },
    },
  }
}

/** Loose enough for a laptop that also runs the load. */
const SOON = ['p(95)<2000', 'p(99)<5000']
const AT_ONCE = 50
const CONNECT_MS = 3000
const CONNECT_EACH_MS = 15

export function takenInTurn<T>(list: readonly T[], index: number): T {
  const taken = list[index % list.length]
  if (taken === undefined) throw new Error('there is none to take')
  return taken
}
