// The same message comes a hundred times at once, through two nodes, over sockets and REST: one row, one answer.
import { expect, test } from 'bun:test'
import { Message, Sent } from '../../src/api/v2/wire/index.ts'
import { bodyOf, call } from '../api/v2/rest/support/client.ts'
import { exactly } from '../api/v2/support/exact-shape.ts'
import { until } from '../support/until.ts'
import { startCluster } from './support/cluster.ts'
import { startLoad } from './support/load.ts'
import { SteadyClient } from './support/steady-client.ts'

const ROUNDS = 10
/** Of one user: half of them to either node. */
const SOCKETS = 10
const EACH = 9
const REQUESTS = 10

const sent = exactly(Sent)

test('a message sent a hundred times at once is stored once, with a hundred equal responses', async () => {
  const cluster = await startCluster({})
  const load = await startLoad(cluster, { rooms: 2, clients: 10, perSecond: 200 })
  const [person] = load.people
  const [room] = load.rooms
  if (person === undefined || room === undefined) throw new Error('there is nobody, or no room')
  const node = (index: number) => cluster.nodes[index % cluster.nodes.length]
  const sockets = Array.from(
    { length: SOCKETS },
    (_, index) => new SteadyClient(person, [], { place: () => node(index)?.wsUrl ?? '' }),
  )
  try {
    await until(() => sockets.every(({ url }) => url !== null), 'all sockets to be open')

    for (let round = 0; round < ROUNDS; round++) {
      const key = crypto.randomUUID()
      const body = `said a hundred times: ${round}`
      const overSockets = sockets.flatMap((socket) =>
        Array.from({ length: EACH }, async () => {
          const answer = await socket.ask({ type: 'send', room, body, client_id: key })
          if (answer?.type !== 'result') throw new Error(`not acknowledged: ${JSON.stringify(answer)}`)
          const { seq, message, created_at } = sent.parse(answer.data)
          return { seq, message, created_at }
        }),
      )
      const overRest = Array.from({ length: REQUESTS }, async (_, index) => {
        const at = node(index) ?? { url: '' }
        const headers = { 'idempotency-key': key }
        const answer = await call(at, person, 'POST', `/rooms/${room}/messages`, { body }, headers)
        const { seq, id, created_at } = bodyOf(answer, 201, Message)
        return { seq, message: id, created_at }
      })
      const answers = await Promise.all([...overSockets, ...overRest])
      expect(answers).toHaveLength(100)
      expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
      const rows = await cluster.sql<{ seq: number }[]>`
        select seq::float8 as seq from messages where sender_id = ${person.id} and client_id = ${key}`
      expect(rows.map(({ seq }) => seq)).toEqual(answers.slice(0, 1).map(({ seq }) => seq))
      // For the oracle: what this user has sent besides the load.
      const [answer] = answers
      if (answer === undefined) throw new Error('there was no answer')
      load.clients[0]?.sendings.push({
        room,
        sender: person.id,
        clientId: key,
        body,
        startedAt: 0,
        attempts: 100,
        acks: [{ room, client_id: key, ...answer }],
        lost: [],
        refusals: [],
        ackedAfterMs: 0,
        change: null,
      })
    }
    const took = await load.converge()
    console.log(
      `${ROUNDS} messages, each sent 100 times at once; besides, ${load.summary()}; converged in ${Math.round(took)} ms`,
    )
    expect(await load.judge()).toEqual([])
    expect(sockets.flatMap(({ problems }) => problems)).toEqual([])
  } finally {
    for (const socket of sockets) socket.stop()
    load.stop()
    await cluster.remove()
  }
})
