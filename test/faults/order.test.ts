// Eight senders talk in one room through two nodes at once: everyone on both nodes is shown one order, that of the numbers, and in
// it each sender's messages are as they were sent.
import { expect, test } from 'bun:test'
import type { ServerFrame } from '../../src/api/v2/wire/index.ts'
import { startCluster } from './support/cluster.ts'
import { startLoad } from './support/load.ts'

const SENDERS = 8
const ROUNDS = 25
const AT_ONCE = 8

test('messages of eight senders over two nodes have one order for everyone', async () => {
  const cluster = await startCluster({})
  const shown = new Map<number, number[]>()
  const load = await startLoad(cluster, {
    rooms: 1,
    clients: SENDERS,
    guests: 0,
    perSecond: 1,
    client: {
      frame(frame, { id }) {
        shown.set(id, [...(shown.get(id) ?? []), ...messagesIn(frame)])
      },
    },
  })
  try {
    load.pause()
    const [room = 0] = load.rooms
    const start = performance.now()
    await Promise.all(
      load.clients.map(async (client, sender) => {
        for (let round = 0; round < ROUNDS; round++) {
          const said = Array.from({ length: AT_ONCE }, (_, i) => client.say(room, `${sender}: ${round}.${i}`))
          await load.answered(said)
        }
      }),
    )
    const took = performance.now() - start
    const converged = await load.converge()
    const rows = await cluster.sql<{ id: number; sender: number; body: string }[]>`
      select id::float8 as id, sender_id::float8 as sender, body from messages where room_id = ${room} order by seq`
    console.log(
      `${rows.length} messages by ${SENDERS} senders over ${cluster.nodes.length} nodes in ${Math.round(took)} ms; ` +
        `converged in ${Math.round(converged)} ms`,
    )
    expect(rows.length).toBeGreaterThanOrEqual(SENDERS * ROUNDS * AT_ONCE)
    const order = rows.map(({ id }) => id)
    for (const { who } of load.clients) expect(shown.get(who.id)).toEqual(order)
    for (const { who, sendings } of load.clients) {
      const stored = rows.filter(({ sender }) => sender === who.id).map(({ body }) => body)
      expect(stored).toEqual(sendings.map(({ body }) => body))
    }
    expect(await load.judge()).toEqual([])
  } finally {
    load.stop()
    await cluster.remove()
  }
})

/** The ids of the messages that it tells of, in its order. */
function messagesIn(frame: ServerFrame): number[] {
  const events = frame.type === 'changes' ? frame.events : [frame]
  return events.flatMap((event) => (event.type === 'message' ? [event.message.id] : []))
}
