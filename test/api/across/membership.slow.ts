import { expect, test } from 'bun:test'
import { startApp } from '../../support/app.ts'
import { until } from '../../support/until.ts'
import { ask } from '../support/rest.ts'
import { expectStretch, type Listening } from './support/audience.ts'
import { contractsOf } from './support/contracts.ts'
import { coreId, coreUser } from './support/core-ids.ts'
import { makePair, makePeople, makeRoom, type Person } from './support/people.ts'
import { listen } from './support/sockets.ts'
import { openTables } from './support/stored.ts'
import { startTalk } from './support/talk.ts'

const ROUNDS = 40

test('a user who repeatedly joins, leaves and is removed receives exactly the messages sent during their memberships', async () => {
  const app = await startApp()
  const tables = openTables(app.databaseUrl)
  const [owner, talker] = await makePair(app, 'owner', 'talker')
  const others = await makePeople(app, 'a', 'b', 'c', 'd')
  const room = await makeRoom(app, 'public', owner, [talker])
  const talk = await startTalk(app, room, [owner, talker])
  const contracts = contractsOf('public')
  const seen: (Listening & { round: number })[] = []

  async function visit(person: Person, round: number): Promise<void> {
    const at = { server: app, room, person }
    const wanted = [pick(contracts), pick(contracts), pick(contracts)]
    const sockets = await Promise.all(
      wanted.map(async (contract) => ({ contract, at, round, listener: await listen(contract, at) })),
    )
    seen.push(...sockets)
    const some = talk.said() + Math.floor(Math.random() * 30)
    await until(() => talk.said() >= some, 'some talk')
    const isRemoved = Math.random() < 0.5
    if (!isRemoved) {
      const path = `${app.url}/api/chat/groups/${encodeURIComponent(room.name)}/leave/`
      expect((await ask('POST', path, { token: person.token })).status).toBe(204)
    } else {
      await app.chat.membership.remove({ id: coreId(room.id) }, coreUser(owner), coreId(person.id))
    }
    const codes = await Promise.all(sockets.map(async ({ listener }) => (await listener.socket.closed).code))
    expect(codes).toEqual([1008, 1008, 1008])
    // Whoever was removed comes back only when invited.
    if (isRemoved)
      await app.chat.membership.invite({ id: coreId(room.id) }, coreUser(owner), [coreId(person.id)])
  }

  await Promise.all(
    others.map(async (person) => {
      for (let round = 0; round < ROUNDS; round++) await visit(person, round)
    }),
  )
  await talk.stop()

  const stored = await tables.messages(room)
  const ends = await tables.sql<{ user: number; seq: number }[]>`
    select user_id::float8 as "user", seq::float8 as seq from room_events
    where room_id = ${room.id} and type in ('left', 'removed') order by seq`
  expect(ends).toHaveLength(others.length * ROUNDS)
  let shown = 0
  for (const one of seen) {
    const stretch = expectStretch(one, room, stored)
    shown += stretch.length
    const own = ends.filter(({ user }) => user === one.at.person.id).map(({ seq }) => seq)
    const [before, end] = [own[one.round - 1] ?? 0, own[one.round] ?? 0]
    expect(stretch.filter(({ seq }) => seq > end)).toEqual([])
    // A history begins before one came.
    if (one.contract.name !== 'v1') expect(stretch.filter(({ seq }) => seq < before)).toEqual([])
  }
  expect(shown).toBeGreaterThan(seen.length * 10)
  await tables.close()
  await app.close()
})

function pick<T>(from: readonly T[]): T {
  const found = from[Math.floor(Math.random() * from.length)]
  if (found === undefined) throw new Error('there is nothing to pick from')
  return found
}
