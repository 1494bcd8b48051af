import { expect } from 'bun:test'
import { Type } from '@sinclair/typebox'
import { TypeCompiler } from '@sinclair/typebox/compiler'
import {
  type Client,
  createClient,
  type RoomView,
  type SendHandle,
  type Sent,
  type SocketConstructor,
} from '../../src/client/index.ts'
import type { RoomId } from '../../src/core/index.ts'
import { openTables, type Tables } from '../api/across/support/stored.ts'
import { makeRoom, type Person, person } from '../api/v2/support/people.ts'
import { createRandom, type Random } from '../e2e/random.ts'
import { startApp } from '../support/app.ts'
import { until } from '../support/until.ts'
import { type CuttingProxy, cuttingProxy, randomCut } from './cutting-proxy.ts'

/**
 * Clients send all the time over connections that are each cut after some bytes in either direction. Each send ends in one row and one
 * acknowledgement, in the order of its room.
 */
export async function sendsOnceThroughCuts(cuts: number, seed: number): Promise<void> {
  console.log(`SEED=${seed} repeats these cuts`)
  const random = createRandom(seed)
  const app = await startApp()
  const tables = openTables(app.databaseUrl)
  const proxy = cuttingProxy(app.url)
  proxy.plan = () => (proxy.tally.cuts < cuts ? randomCut(random, MOST_BYTES) : null)
  try {
    const people = await Promise.all(['ann', 'ben', 'cleo', 'dan'].map((name) => person(app, name)))
    const [owner, ...others] = people
    if (owner === undefined) throw new Error('nobody came')
    const rooms = await Promise.all([makeRoom(app, owner, others), makeRoom(app, owner, others)])
    const talkers = people.map((who, i) => talker(proxy, who, rooms, i % 2 === 0))
    await Promise.all(talkers.map((each) => each.talk(random, () => proxy.tally.cuts < cuts)))
    for (const each of talkers) await each.expectOnce(tables)
    const sends = talkers.reduce((sum, { sent }) => sum + sent.length, 0)
    console.log(`${sends} sends:`, proxy.tally)
    expect(proxy.tally.cuts).toBeGreaterThanOrEqual(cuts)
    expect(Object.entries(proxy.tally).filter(([, count]) => count === 0)).toEqual([])
    await Promise.all(talkers.map(({ client }) => client.close()))
  } finally {
    proxy.stop()
    await tables.close()
    await app.close()
  }
}

interface Talker {
  readonly client: Client
  readonly sent: readonly SendHandle[]
  talk(random: Random, goesOn: () => boolean): Promise<void>
  expectOnce(tables: Tables): Promise<void>
}

/** @param watches whether the clients also follow the rooms. Then an event may come before its acknowledgement. */
function talker(proxy: CuttingProxy, who: Person, rooms: readonly RoomId[], watches: boolean): Talker {
  const acks = new Map<string, number>()
  const client = createClient({
    url: proxy.url,
    token: who.token,
    transports: ['socket'],
    WebSocket: countingAcks(acks),
    // Reconnects at once, however many attempts have failed.
    random: () => 0.0001,
  })
  const views = rooms.map((id) => client.room(id))
  if (watches) for (const view of views) void view.open()
  const sent: SendHandle[] = []

  return {
    client,
    sent,

    async talk(random, goesOn) {
      const underWay = new Set<Promise<unknown>>()
      while (goesOn()) {
        const handle = views[random.below(views.length)]?.send(`${who.username}: ${sent.length}`)
        if (handle === undefined) throw new Error('there is no room')
        sent.push(handle)
        const done = handle.done.finally(() => underWay.delete(done))
        underWay.add(done)
        if (underWay.size >= MOST_UNDER_WAY) await Promise.race(underWay)
      }
      await Promise.all(underWay)
    },

    async expectOnce({ sql }) {
      const acknowledged = await Promise.all(sent.map(({ done }) => done))
      const rows = await sql<Row[]>`
        select client_id, room_id::float8 as room, seq::float8 as seq, id::float8 as message, body from messages
        where sender_id = ${who.id} order by substring(body from ': (.*)')::int`
      const bodies = sent.map((_, i) => `${who.username}: ${i}`)
      expect(rows.map(({ body }) => body)).toEqual(bodies)
      expect(acknowledged.map(placeOf)).toEqual(rows.map(placeOf))
      for (const room of rooms) {
        const seqs = rows.flatMap((row) => (row.room === room ? [row.seq] : []))
        expect(seqs).toEqual(seqs.toSorted((a, b) => a - b))
      }
      expect(sent.filter(({ status }) => status !== 'sent')).toEqual([])
      const counts = sent.map(({ clientId }) => acks.get(clientId) ?? 0)
      expect(counts.filter((count) => count > 1 || (count === 0 && !watches))).toEqual([])
      if (watches) await Promise.all(views.map((view) => expectShown(view, rows)))
    },
  }
}

/** Expects each message once in the view, and none pending. */
async function expectShown(view: RoomView, rows: readonly Row[]): Promise<void> {
  const own = rows.filter(({ room }) => room === view.id)
  const last = own.at(-1)?.seq ?? 0
  await until(() => (view.getSnapshot().position ?? 0) >= last, 'the view to have everything')
  const { messages, pending } = view.getSnapshot()
  const first = messages[0]?.seq ?? 0
  const ids = new Set(own.map(({ message }) => message))
  const shown = messages.flatMap(({ id }) => (ids.has(id) ? [id] : []))
  expect(shown).toEqual(own.flatMap(({ seq, message }) => (seq >= first ? [message] : [])))
  expect(pending).toEqual([])
}

function placeOf({ client_id, room, seq, message }: Pick<Sent, 'client_id' | 'room' | 'seq' | 'message'>) {
  return { client_id, room, seq, message }
}

const acknowledgement = TypeCompiler.Compile(
  Type.Object({ type: Type.Literal('result'), data: Type.Object({ client_id: Type.String() }) }),
)

/** A WebSocket that counts the acknowledgements it receives, by key. */
function countingAcks(acks: Map<string, number>): SocketConstructor {
  return class extends WebSocket {
    constructor(url: string) {
      super(url)
      this.addEventListener('message', ({ data }) => {
        const value: unknown = JSON.parse(String(data))
        for (const frame of Array.isArray(value) ? value : [value]) {
          if (!acknowledgement.Check(frame)) continue
          const key = frame.data.client_id
          acks.set(key, (acks.get(key) ?? 0) + 1)
        }
      })
    }
  }
}

interface Row {
  readonly client_id: string
  readonly room: number
  readonly seq: number
  readonly message: number
  readonly body: string
}

/** Enough bytes for a handshake, the sign-in and a few messages. */
const MOST_BYTES = 2000
const MOST_UNDER_WAY = 4
