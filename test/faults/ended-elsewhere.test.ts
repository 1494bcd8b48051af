// What ends on one node ends on the other within a second: a session by logging out, a membership by a removal, a room by its
// deletion; while others talk.
import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { ServerFrame, UnsubscribedFrame } from '../../src/api/v2/wire/index.ts'
import { call } from '../api/v2/rest/support/client.ts'
import type { ParleyProcess } from '../support/parley-process.ts'
import { until } from '../support/until.ts'
import { type Cluster, startCluster } from './support/cluster.ts'
import { type Load, startLoad } from './support/load.ts'
import { join, makeRooms, makeToken, type Person } from './support/people.ts'
import { Visit } from './support/visit.ts'

const ROUNDS = 8
const WITHIN_MS = 1000

let cluster: Cluster
let load: Load
let here: ParleyProcess
let elsewhere: ParleyProcess
let owner: Person
let guest: Person

beforeAll(async () => {
  cluster = await startCluster({})
  load = await startLoad(cluster, { rooms: 2, clients: 8, guests: 2, perSecond: 100 })
  const [one, other] = cluster.nodes
  const [first, second] = load.guests
  if (!one || !other || !first || !second) throw new Error('there are no two nodes, or no two guests')
  ;[here, elsewhere, owner, guest] = [one, other, first, second]
})

afterAll(async () => {
  try {
    await load.converge()
    expect(await load.judge()).toEqual([])
  } finally {
    load.stop()
    await cluster.remove()
  }
})

test('logging out on one node closes the sockets on the other, and no others', async () => {
  const [room = 0] = await makeRooms(here, [owner, guest], 1)
  const staying = await listen(room, guest.token)
  await everyRound('logging out', async () => {
    const token = await makeToken(cluster.sql, guest.id)
    const leaving = await listen(room, token)
    const start = performance.now()
    expect((await call(here, { token }, 'DELETE', '/me/tokens/current')).status).toBe(204)
    await until(() => leaving.v2.code !== null && leaving.v1.code !== null, 'both sockets to be closed')
    expect([leaving.v2.code, leaving.v1.code]).toEqual([1008, 1008])
    return performance.now() - start
  })
  expect([staying.v2.open, staying.v1.code]).toEqual([true, null])
  staying.close()
})

test('a removal on one node ends the subscription on the other', async () => {
  const [room = 0] = await makeRooms(here, [owner, guest], 1)
  await everyRound('a removal', async () => {
    const listening = await listen(room, guest.token)
    const start = performance.now()
    expect((await call(here, owner, 'DELETE', `/rooms/${room}/members/${guest.id}`)).status).toBe(204)
    await until(() => listening.ended() !== null && listening.v1.code !== null, 'both to be told')
    const took = performance.now() - start
    expect([listening.ended(), listening.v1.code, listening.v2.open]).toEqual(['left', 1008, true])
    listening.close()
    const users = [guest.id]
    expect((await call(here, owner, 'POST', `/rooms/${room}/invitations`, { users })).status).toBe(200)
    await join(here, guest, room)
    return took
  })
})

test('the deletion of a room on one node ends the subscription on the other', async () => {
  await everyRound('a deletion', async () => {
    const [room = 0] = await makeRooms(here, [owner, guest], 1)
    const listening = await listen(room, guest.token)
    const start = performance.now()
    expect((await call(here, owner, 'DELETE', `/rooms/${room}`)).status).toBe(204)
    await until(() => listening.ended() !== null && listening.v1.code !== null, 'both to be told')
    const took = performance.now() - start
    expect([listening.ended(), listening.v1.code, listening.v2.open]).toEqual(['room_deleted', 1008, true])
    listening.close()
    return took
  })
})

async function everyRound(what: string, run: () => Promise<number>): Promise<void> {
  const took: number[] = []
  for (let round = 0; round < ROUNDS; round++) took.push(await run())
  console.log(`${what}: the other node's sockets ended after ${took.map(Math.round).join(', ')} ms`)
  expect(Math.max(...took)).toBeLessThan(WITHIN_MS)
}

/** Hears the room on the other node, by two contracts. */
async function listen(room: number, token: string) {
  const v1: { code: number | null } = { code: null }
  let history = false
  const socket = new WebSocket(`${elsewhere.wsUrl}/api/v1/ws/${room}/${guest.id}?token=${token}`)
  socket.onmessage = () => {
    history = true
  }
  socket.onclose = ({ code }) => {
    v1.code = code
  }
  const frames: ServerFrame[] = []
  const v2: Visit = new Visit(
    `${elsewhere.wsUrl}/api/v2/socket?token=${token}`,
    {},
    {
      frame(frame) {
        frames.push(frame)
        if (frame.type === 'hello') void v2.ask({ type: 'subscribe', room, after: 0 })
      },
      ended: () => undefined,
    },
  )
  await until(() => history && frames.some(({ type }) => type === 'state'), 'both sockets to be live')
  return {
    v1,
    v2,
    /** Why the subscription was ended; null while it was not. */
    ended: () =>
      frames.find((frame): frame is UnsubscribedFrame => frame.type === 'unsubscribed')?.reason ?? null,
    close(): void {
      expect(v2.problems).toEqual([])
      v2.close()
      socket.close()
    },
  }
}
