// A user's connections are limited over all nodes: what is past the limit is closed, or refused, wherever it came in.
import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { ParleyProcess } from '../support/parley-process.ts'
import { until } from '../support/until.ts'
import { type Cluster, startCluster } from './support/cluster.ts'
import { makePeople, type Person } from './support/people.ts'

const LIMIT = 6

let cluster: Cluster
let one: ParleyProcess
let other: ParleyProcess

beforeAll(async () => {
  cluster = await startCluster({ env: { MAX_CONNECTIONS_PER_USER: String(LIMIT) } })
  const [first, second] = cluster.nodes
  if (first === undefined || second === undefined) throw new Error('there are no two nodes')
  ;[one, other] = [first, second]
})
afterAll(() => cluster.remove())

test('connections of a user past the limit are closed with 1013, or refused', async () => {
  const [user, stranger] = await makePeople(cluster.sql, 2)
  if (user === undefined || stranger === undefined) throw new Error('there are no two users')
  const staying = await Promise.all(Array.from({ length: LIMIT - 1 }, () => open(one, user)))
  const last = await open(other, user)
  const surplus = await open(other, user)
  await until(() => surplus.code() !== null, 'the surplus to be closed')
  expect(surplus.code()).toBe(1013)
  // Known by now.
  await until(async () => (await open(other, user)).code() === 'refused', 'a handshake to be refused')
  await until(async () => (await open(one, user)).code() === 'refused', 'one on the other node')
  expect((await open(other, stranger)).code()).toBeNull()
  expect([...staying, last].map(({ code }) => code())).toEqual(Array.from({ length: LIMIT }, () => null))

  for (const connection of staying) connection.close()
  await until(async () => (await open(other, user)).code() === null, 'a handshake to be taken again')
})

interface Opened {
  /** null while it is open; refused where it never was. */
  code(): number | 'refused' | null
  close(): void
}

/** Resolves once it is open, or will not be. */
function open(node: ParleyProcess, { token }: Person): Promise<Opened> {
  const socket = new WebSocket(`${node.wsUrl}/api/v2/socket?token=${token}`)
  let code: number | 'refused' | null = null
  const opened = { code: () => code, close: () => socket.close() }
  return new Promise((resolve) => {
    let was = false
    socket.onopen = () => {
      was = true
      resolve(opened)
    }
    socket.onclose = (event) => {
      code = was ? event.code : 'refused'
      resolve(opened)
    }
  })
}
