// A node is killed while many users react: what was acknowledged is stored, and all that is stored was told.
import { expect, test } from 'bun:test'
import { createClient, register } from '../../src/client/index.ts'
import { present } from '../core/fakes/values.ts'
import { until } from '../support/until.ts'
import { startCluster } from './support/cluster.ts'

const USERS = 24
const NAMES = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']

test('after the kill of a node, every acknowledged reaction is stored, counted and told', async () => {
  const cluster = await startCluster({})
  try {
    const [left, victim] = [present(cluster.nodes[0]), present(cluster.nodes[1])]
    const people = await Promise.all(
      Array.from({ length: USERS }, (_, n) =>
        register(left.url, { username: `user-${n}`, password: 'correct horse battery' }),
      ),
    )
    const apiOf = (url: string, token: string) =>
      createClient({ url, token, connect: false, timeoutMs: 3000 }).api
    const owner = present(people[0])
    const own = apiOf(left.url, owner.token)
    const { id: room } = await own.rooms.create({ name: 'storm', kind: 'public' })
    for (const { token } of people.slice(1)) await apiOf(left.url, token).rooms.join(room)
    const { seq: message } = await own.messages.send(room, { body: 'words' })
    const watcher = createClient({ url: left.url, token: owner.token })
    const view = watcher.room(room)
    await view.open()

    const acknowledged = new Set<string>()
    const asked = people.map(({ user, token }, turn) => {
      const api = apiOf(turn % 2 === 0 ? left.url : victim.url, token)
      // Each user one after the other, so that the blow comes while some are being written.
      const reactAll = async () => {
        for (const name of NAMES) {
          await api.messages.react(room, message, name, true).then(
            () => acknowledged.add(`${user.id} ${name}`),
            () => undefined,
          )
        }
      }
      return reactAll()
    })
    await until(() => acknowledged.size > USERS, 'some to be acknowledged')
    await victim.kill()
    await Promise.all(asked)

    const rows = await cluster.sql<{ user: number; reaction: string }[]>`
      select user_id::float8 as user, reaction from reactions where room_id = ${room} and seq = ${message}`
    const stored = new Set(rows.map(({ user, reaction }) => `${user} ${reaction}`))
    console.log(`${acknowledged.size} acknowledged, ${stored.size} stored`)
    expect([...acknowledged].filter((each) => !stored.has(each))).toEqual([])
    const counts = (all: readonly { reaction: string; count: number }[]) =>
      Object.fromEntries(all.map(({ reaction, count }) => [reaction, count]))
    const real = Object.fromEntries(
      NAMES.flatMap((name) => {
        const count = rows.filter(({ reaction }) => reaction === name).length
        return count === 0 ? [] : [[name, count]]
      }),
    )
    await until(
      () =>
        Bun.deepEquals(
          counts(view.getSnapshot().messages.find(({ seq }) => seq === message)?.reactions ?? []),
          real,
        ),
      'the other node to have told all that is stored',
    )
    expect(counts((await own.messages.get(room, message)).reactions ?? [])).toEqual(real)
    // Numbers are dense, and the events tell each row.
    const events = await cluster.sql<{ seq: number; changed: [string, number[], number[]][] }[]>`
      select seq::float8 as seq, payload -> 'changed' as changed from room_events
      where room_id = ${room} and type = 'reaction' order by seq`
    const told = new Set(
      events.flatMap(({ changed }) =>
        changed.flatMap(([name, added]) => added.map((user) => `${user} ${name}`)),
      ),
    )
    expect(told).toEqual(stored)
    const head = (await own.rooms.get(room)).head
    const [numbers] = await cluster.sql<{ count: number }[]>`
      select (select count(*) from room_events where room_id = ${room})::int + (select count(*) from messages where room_id = ${room})::int as count`
    expect(present(numbers).count).toBe(head)
    await watcher.close()
  } finally {
    await cluster.remove()
  }
}, 60_000)
