import {
  type Draft,
  type HistoryWhere,
  isId,
  isSeq,
  type RoomId,
  type Seq,
  type Store,
} from '../../../../src/core/index.ts'
import { createKeys } from '../../../../src/core/messages/idempotency-keys.ts'
import type { Population } from './population.ts'

export interface Question {
  readonly name: string
  /** @param turn another one asks about something else */
  ask(turn: number): Promise<unknown>
}

/** As many as a page usually has. */
const PAGE = 50
const MEMBERS_LISTED = 200
/** As many as are read of each of many rooms. */
const FEW = 8

/** What clients ask the store about a population. The answers' lengths do not depend on its size. */
export function questions(store: Store, { numbers, rooms, longer, users, joined }: Population): Question[] {
  const [longest, user, head] = [id(1), id(1), seq(numbers * longer)]
  const show = { tombstones: false }
  const page = (turn: number, of: number) => ({ after: below(turn, Math.max(1, of - 2 * PAGE)), limit: PAGE })
  const anyRoom = (turn: number): RoomId => id(2 + below(turn, rooms))
  const anyDirect = (turn: number): RoomId => id(1 + 10 * (1 + below(turn, Math.floor(joined / 10))))
  const inLongest = (turn: number): Seq => seq(2 * PAGE + below(turn, head - 4 * PAGE))
  const manyRooms = (turn: number) =>
    Array.from({ length: PAGE }, (_, i) => ({ room: anyRoom(turn * PAGE + i), user }))
  const history = (name: string, where: (turn: number) => HistoryWhere): Question => ({
    name: `history, ${name}`,
    ask: (turn) => store.history(longest, where(turn), PAGE, show),
  })

  return [
    history('newest', () => 'latest'),
    history('before', (turn) => ({ before: inLongest(turn) })),
    history('after', (turn) => ({ after: inLongest(turn) })),
    history('around', (turn) => ({ around: inLongest(turn) })),
    {
      name: 'history, any room',
      ask: (turn) => store.history(anyRoom(turn), 'latest', PAGE, show),
    },
    {
      name: 'numbered page',
      ask: () => store.numberedPage(longest, 0, PAGE),
    },
    {
      name: 'numbered page, far back',
      ask: (turn) => store.numberedPage(longest, below(turn, Math.floor(head / 2)), PAGE),
    },
    {
      name: 'numbered page, past the end',
      ask: (turn) => store.numberedPage(longest, head + below(turn, 1e9), PAGE),
    },
    {
      name: 'message by id',
      ask: (turn) => store.message(longest, { id: id(1 + below(turn, 9000)) }),
    },
    {
      name: 'resume, a few changes',
      ask: () => store.changes(longest, seq(head - PAGE), 2 * PAGE),
    },
    {
      name: 'resume, from long ago',
      ask: (turn) => store.changes(longest, seq(head - 1000 - below(turn, 200)), 2 * PAGE),
    },
    {
      name: 'resume, many at once',
      ask: (turn) =>
        store.changesOf(manyRooms(turn).map(({ room }) => ({ room, after: seq(numbers - FEW), limit: FEW }))),
    },
    { name: 'room, all unread', ask: () => store.view({ id: longest }, user) },
    { name: 'rooms joined', ask: (turn) => store.views(user, 'joined', page(turn, joined)) },
    { name: 'rooms public', ask: (turn) => store.views(user, 'public', page(turn, rooms)) },
    { name: 'rooms with unread', ask: (turn) => store.unreadRooms(user, page(turn, joined)) },
    { name: 'rooms, contract 4', ask: (turn) => store.enterableRooms(user, page(turn, rooms)) },
    { name: 'rooms joined, contract 4', ask: (turn) => store.joinedRooms(user, page(turn, joined)) },
    { name: 'rooms own, contract 1', ask: (turn) => store.ownRooms(user, page(turn, joined)) },
    { name: 'direct chat', ask: (turn) => store.direct(user, anyDirect(turn)) },
    { name: 'members', ask: (turn) => store.members(longest, page(turn, users)) },
    { name: 'member', ask: (turn) => store.member(longest, id(1 + below(turn, users))) },
    { name: 'standing', ask: (turn) => store.accessFacts({ id: anyRoom(turn) }, user) },
    { name: 'subscribe, any room', ask: (turn) => store.facts(anyRoom(turn), user, MEMBERS_LISTED) },
    { name: 'subscribe, long room', ask: () => store.facts(longest, user, MEMBERS_LISTED - 1) },
    { name: 'subscribe, many at once', ask: (turn) => store.factsOf(manyRooms(turn), MEMBERS_LISTED) },
    { name: 'standing, many at once', ask: (turn) => store.accessFactsOf(manyRooms(turn)) },
    { name: 'snapshot, any room', ask: (turn) => store.snapshot(anyRoom(turn), user, PAGE, MEMBERS_LISTED) },
    {
      name: 'snapshot, many at once',
      ask: (turn) =>
        store.snapshotsOf(
          manyRooms(turn).map((one) => ({ ...one, messages: FEW })),
          MEMBERS_LISTED,
        ),
    },
    { name: 'snapshot, long room', ask: () => store.snapshot(longest, user, PAGE, MEMBERS_LISTED - 1) },
    {
      name: 'heads',
      ask: (turn) => store.heads(Array.from({ length: PAGE }, (_, i) => anyRoom(turn * PAGE + i))),
    },
    {
      name: 'marks',
      ask: (turn) => {
        const marks = { user, readSeq: seq(0), deliveredSeq: seq(0) }
        const some = new Set(Array.from({ length: PAGE }, (_, i) => id(2 + below(turn * PAGE + i, joined))))
        return store.moveMarks([...some].map((room) => ({ room, ...marks })))
      },
    },
    {
      name: 'small rooms',
      ask: (turn) => store.smallRoomsOf([id(2 + below(turn, users - 1))], MEMBERS_LISTED),
    },
    { name: 'users', ask: (turn) => store.users(page(turn, users), '') },
  ]
}

/** A batch of messages, one for each of ninety rooms, from a member of each. */
export function append(store: Store, { users }: Population): Question[] {
  const key = createKeys()
  // Every tenth is a direct chat, which has members of its own.
  const ordinary = Array.from({ length: 100 }, (_, i) => i + 1).filter((n) => n % 10 !== 0)
  const draft = (n: number): Draft => {
    const sender = { id: id(2 + ((n * 5) % (users - 1))), username: '' }
    return {
      roomId: id(1 + n),
      sender,
      clientId: key(),
      kind: 'text',
      body: BODY,
      replyTo: null,
      details: null,
      inRoom: true,
    }
  }
  const ask = async () => {
    const drafts = ordinary.map(draft)
    const batch = { rooms: drafts.map(({ roomId }) => roomId), counts: drafts.map(() => 1), drafts }
    const { verdicts } = await store.append(0, batch)
    if (verdicts !== null) throw new Error('the batch was not written as it is')
  }
  return [{ name: 'append to 90 rooms', ask }]
}

const BODY = 'A message of an ordinary length, as people write them.'

/** The same one for the same turn, spread over all. */
function below(turn: number, count: number): number {
  return (Math.imul(turn, 0x9e3779b1) >>> 0) % count
}

function id(value: number) {
  if (!isId(value)) throw new Error(`${value} is no id`)
  return value
}

function seq(value: number): Seq {
  if (!isSeq(value)) throw new Error(`${value} is no number`)
  return value
}
