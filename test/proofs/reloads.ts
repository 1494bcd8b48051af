import { expect } from 'bun:test'
import { createClient, type OutboxEntry, type Sent } from '../../src/client/index.ts'
import type { RoomId } from '../../src/core/index.ts'
import { openTables, type Tables } from '../api/across/support/stored.ts'
import { makeRoom, type Person, person } from '../api/v2/support/people.ts'
import { createRandom, type Random } from '../e2e/random.ts'
import { startApp } from '../support/app.ts'
import { until } from '../support/until.ts'
import { type CuttingProxy, cuttingProxy, randomCut } from './cutting-proxy.ts'
import { openPage } from './page.ts'

/**
 * Pages close in the middle of sending and open again with what is in their storage, over connections that are cut. What was stored is
 * sent once, in order, and every acknowledged message has the number that the acknowledgement named.
 */
export async function sendsOnceThroughReloads(reloads: number, seed: number): Promise<void> {
  console.log(`SEED=${seed} repeats these reloads`)
  const random = createRandom(seed)
  const app = await startApp()
  const tables = openTables(app.databaseUrl)
  const proxy = cuttingProxy(app.url)
  proxy.plan = () => (random.below(2) === 0 ? randomCut(random, MOST_BYTES) : null)
  try {
    const [owner, ...others] = await Promise.all(['ann', 'ben', 'cleo'].map((name) => person(app, name)))
    if (owner === undefined) throw new Error('nobody came')
    const rooms = await Promise.all([makeRoom(app, owner, others), makeRoom(app, owner, others)])
    const writers = [owner, ...others].map((who) => writer(proxy, who, rooms, random))
    const each = Math.ceil(reloads / writers.length)
    await Promise.all(writers.map((one) => one.write(each)))
    for (const one of writers) await one.expectOnce(tables)
    const tally = writers.map((one) => one.tally())
    console.log(`${each} reloads for each of ${writers.length}, ${proxy.tally.cuts} cuts:`, ...tally)
    // If the pages had sent everything before they closed, the test would prove nothing.
    expect(tally.filter(({ restored, again }) => restored === 0 || again === 0)).toEqual([])
  } finally {
    proxy.stop()
    await tables.close()
    await app.close()
  }
}

/** A user who writes in one page after another. */
function writer(proxy: CuttingProxy, who: Person, rooms: readonly RoomId[], random: Random) {
  /** What is stored now, and what was ever stored. */
  const entries = new Map<string, OutboxEntry>()
  const stored = new Set<string>()
  const acknowledged: Sent[] = []
  const tally = { sends: 0, restored: 0, again: 0 }

  function open() {
    const page = openPage(entries, random)
    const client = createClient({
      url: proxy.url,
      token: who.token,
      random: () => 0.0001,
      ...page,
      storage: {
        ...page.storage,
        async put(entry) {
          await page.storage.put(entry)
          stored.add(entry.clientId)
        },
      },
    })
    if (random.below(2) === 0) for (const id of rooms) void client.room(id).open()
    return { page, client }
  }

  /** Writes some messages, and closes the page once some are acknowledged, or sooner. */
  async function visit(): Promise<void> {
    const { page, client } = open()
    let acks = 0
    const count = random.below(8)
    const enough = random.below(count + 1)
    for (let i = 0; i < count; i++) {
      const id = rooms[random.below(rooms.length)] ?? 0
      client
        .room(id)
        .send(`${who.username}: ${tally.sends++}`)
        .done.then((sent) => {
          acks++
          acknowledged.push(sent)
        })
    }
    await until(() => acks >= enough, `${enough} acknowledgements`)
    const leftAt = Date.now()
    page.leave()
    tally.restored += entries.size
    // Keys begin with the time, so the next page must open later than this one closed.
    await until(() => Date.now() > leftAt, 'time to go on')
  }

  return {
    tally: () => tally,

    async write(reloads: number): Promise<void> {
      for (let reload = 1; reload <= reloads; reload++) await visit()
      const { client } = open()
      await until(() => client.getSnapshot().user !== null && entries.size === 0, 'the outbox to be empty')
      await client.close()
    },

    async expectOnce({ sql }: Tables): Promise<void> {
      const rows = await sql<Row[]>`
        select client_id, room_id::float8 as room, seq::float8 as seq, id::float8 as message,
          substring(body from ': (.*)')::int as number
        from messages where sender_id = ${who.id} order by room_id, seq`
      const numbers = rows.map(({ number }) => number)
      expect(numbers.length).toBe(new Set(numbers).size)
      const keys = new Map(rows.map((row) => [row.client_id, row]))
      expect([...stored].filter((key) => !keys.has(key))).toEqual([])
      for (const { client_id, room, seq, message } of acknowledged) {
        expect(keys.get(client_id)).toMatchObject({ room, seq, message })
      }
      for (const id of rooms) {
        const own = rows.flatMap(({ room, number }) => (room === id ? [number] : []))
        expect(own).toEqual(own.toSorted((a, b) => a - b))
      }
      tally.again = rows.filter(
        ({ client_id }) => !acknowledged.some((sent) => sent.client_id === client_id),
      ).length
    },
  }
}

interface Row {
  readonly client_id: string
  readonly room: number
  readonly seq: number
  readonly message: number
  readonly number: number
}

const MOST_BYTES = 4000
