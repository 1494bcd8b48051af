// Two nodes over one database and one Redis: members send, edit and react on both as fast as they can while the staff bans and mutes
// them on one. Nothing of theirs has a number after the ban or the mute, wherever and whenever the room is read.
import { afterAll, beforeAll, expect, test } from 'bun:test'
import postgres, { type Sql } from 'postgres'
import { ChangesPage, type RoomEvent } from '../../src/api/v2/wire/index.ts'
import type { RoomId } from '../../src/core/index.ts'
import { call, expectDone, get } from '../api/v2/rest/support/client.ts'
import { hasMessage } from '../api/v2/support/event-message.ts'
import { makeRoom, type Person, person, say } from '../api/v2/support/people.ts'
import { enter, eventsIn, reached, send } from '../api/v2/support/rooms.ts'
import { connect, type V2Client } from '../api/v2/support/v2-client.ts'
import { present } from '../core/fakes/values.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'
import { until } from '../support/until.ts'

/** Requests that each connection of a member has under way at a time. */
const AT_ONCE = 8

/** What is edited again and again. */
const FIRST = 'to be edited'

let redis: RedisServer
let one: TestApp
let other: TestApp
let nodes: readonly TestApp[]
let sql: Sql
let owner: Person
let witness: Person

beforeAll(async () => {
  redis = await startRedis()
  const env = { REDIS_URL: redis.url, PRESENCE_GRACE_MS: '0' }
  one = await startApp(env)
  other = await startApp({ DATABASE_URL: one.databaseUrl, ...env })
  nodes = [one, other]
  sql = postgres(one.databaseUrl, { max: 1 })
  owner = await person(one, 'owner')
  witness = await person(one, 'witness')
})
afterAll(async () => {
  await sql.end()
  for (const node of [other, one]) {
    expect(node.logs().filter((line) => /"level":(50|60)/.test(line))).toEqual([])
    await node.close()
  }
  await redis.remove()
})

test.each(['banned', 'muted'] as const)(
  'after a user is %s no number is theirs, in the database, in any stream, and after any age',
  async (change) => {
    const talkers = [await person(one, 'talker'), await person(one, 'talker')]
    const room = await makeRoom(one, owner, [witness, ...talkers], 'public')
    const own = new Map<number, number>()
    for (const who of talkers) own.set(who.id, await say(one, room, who, FIRST))
    const watchers = await Promise.all(
      nodes.flatMap((node) => [connect(node, owner), connect(node, witness)]),
    )
    for (const watcher of watchers) await enter(watcher, room, 0)
    const talks = await Promise.all(
      talkers.flatMap((who) => nodes.map((node) => talk(node, who, room, present(own.get(who.id))))),
    )

    const acknowledged = new Map<number, number>()
    for (const [turn, who] of talkers.entries()) {
      const head = present(watchers[0]).positionIn(room) ?? 0
      await until(() => (present(watchers[0]).positionIn(room) ?? 0) > head + 30, 'them to be heard')
      const path = `/rooms/${room}/${change === 'banned' ? 'bans' : 'mutes'}/${who.id}`
      expectDone(await call(present(nodes[turn]), owner, 'PUT', path, {}))
      // What is asked for from now on is refused, by whichever node.
      for (const of of talks) if (of.who === who) of.acknowledged()
      const { seq } = present(
        (await changes(room, 0)).find((event) => event.type === 'restraint' && event.user.id === who.id),
      )
      acknowledged.set(who.id, seq)
    }
    const refusals = await Promise.all(talks.map((of) => of.stopped()))
    for (const { late, refused } of refusals) {
      expect(late).toEqual([])
      expect(refused).toBeGreaterThan(0)
    }
    const last = await send(present(watchers[0]), room, 'the last')

    const rows = await sql<{ user: number; last: number }[]>`
      select sender_id::float8 as user, max(greatest(seq, coalesce(version_seq, seq)))::float8 as last from messages
      where room_id = ${room} and sender_id = any (${[...acknowledged.keys()]}) group by 1`
    expect(rows).toHaveLength(talkers.length)
    for (const { user, last } of rows) expect(last).toBeLessThan(present(acknowledged.get(user)))

    for (const watcher of watchers) {
      await reached(watcher, room, last.seq)
      expect(tooLate(eventsIn(watcher, room), acknowledged)).toEqual([])
    }
    const whole = summary(await changes(room, 0))
    const ages = [
      0,
      1,
      Math.floor(last.seq / 2),
      ...[...acknowledged.values()].flatMap((seq) => [seq - 2, seq - 1, seq]),
    ]
    for (const [turn, after] of ages.entries()) {
      const client = await connect(present(nodes[turn % 2]), witness)
      await enter(client, room, after)
      await reached(client, room, last.seq)
      const events = eventsIn(client, room)
      expect(tooLate(events, acknowledged)).toEqual([])
      const told = summary(events)
      expect(told).toEqual(whole.filter(({ seq }) => seq > after))
      await client.close()
    }
    for (const watcher of watchers) await watcher.close()
  },
  60_000,
)

/** What has happened after a number, compacted, page after page. */
async function changes(room: RoomId, after: number): Promise<RoomEvent[]> {
  const events: RoomEvent[] = []
  let cursor: string | null = `after=${after}`
  while (cursor !== null) {
    const page: ChangesPage = await get(
      other,
      witness,
      `/rooms/${room}/changes?limit=200&${cursor}`,
      ChangesPage,
    )
    events.push(...page.items)
    cursor = page.next === null ? null : `cursor=${encodeURIComponent(page.next)}`
  }
  return events
}

/** Those of the events that a user has made after the number from which on they may not. */
function tooLate(events: readonly RoomEvent[], acknowledged: ReadonlyMap<number, number>) {
  return events.filter((event) => {
    const after = (user: number) => event.seq > (acknowledged.get(user) ?? Number.POSITIVE_INFINITY)
    if (hasMessage(event)) return after(event.message.sender.id)
    return event.type === 'reaction' && event.changed.some(({ added }) => added.some(after))
  })
}

/** What all who read the room agree on, whatever is compacted for them: memberships, restraints, and whose the messages are. */
function summary(events: readonly RoomEvent[]): Told[] {
  return events.flatMap((event): Told[] => {
    const { type, seq } = event
    if (type === 'message' && event.message.body !== FIRST)
      return [{ type, seq, by: event.message.sender.id }]
    if (type === 'restraint' || type === 'member') return [{ type, seq, by: event.user.id }]
    return []
  })
}

interface Told {
  readonly type: string
  readonly seq: number
  readonly by: number
}

/** A connection on which a user sends, edits and reacts as fast as it is answered. */
async function talk(node: TestApp, who: Person, room: RoomId, own: number) {
  const client: V2Client = await connect(node, who)
  let stop = false
  let over = false
  let refused = 0
  const late: unknown[] = []
  const loop = async (lane: number) => {
    for (let n = 0; !stop; n++) {
      const asked = over
      const answer = await client.ask(
        lane === 0
          ? { type: 'edit', room, seq: own, body: `edit ${n}` }
          : lane === 1
            ? { type: 'react', room, seq: own, reaction: `r${n % 9}`, on: n % 18 < 9 }
            : { type: 'send', room, body: `words ${lane} ${n}` },
      )
      if (answer.type === 'error') refused++
      else if (asked) late.push(answer)
      // Once it is refused, now and then is enough.
      if (answer.type === 'error' && refused > AT_ONCE * 4) return
    }
  }
  const loops = Array.from({ length: AT_ONCE }, (_, lane) => loop(lane))
  return {
    who,
    acknowledged: () => {
      over = true
    },
    async stopped() {
      await until(() => refused > AT_ONCE, 'it to be refused')
      stop = true
      await Promise.all(loops)
      await client.close()
      return { late, refused }
    },
  }
}
