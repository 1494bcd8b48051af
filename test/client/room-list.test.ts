// The list of the user's rooms: read once, and right from then on, whatever is missed meanwhile.
import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import type { Client, MembershipFrame, Memberships, Room } from '../../src/client/index.ts'
import { until } from '../support/until.ts'
import { type Rig, startRig } from './support/rig.ts'
import type { Peer } from './support/scripted-server.ts'

let rig: Rig
/** What the server has, by id. */
let rooms: Map<number, Room>
/** The paths that were asked for. */
let asked: string[]
let told: (string | number)[][]

beforeEach(() => {
  rig = startRig()
  rooms = new Map([1, 2].map((id) => [id, roomOf(id)]))
  asked = []
  told = []
  rig.server.rest = ({ url }) => {
    const { pathname, searchParams } = new URL(url)
    asked.push(pathname.replace('/api/v2', ''))
    const id = Number(/\/rooms\/(\d+)$/.exec(pathname)?.[1] ?? 0)
    if (id > 0) return rooms.has(id) ? Response.json(rooms.get(id)) : notFound()
    const invited = searchParams.get('scope') === 'invited'
    return Response.json({
      items: [...rooms.values()].filter((room) => room.invited === invited),
      next: null,
    })
  }
})
afterEach(async () => {
  await rig.close()
})

describe('the list of rooms', () => {
  test('is read where nobody knows of it, and once', async () => {
    const { client } = await begun()
    expect(client.rooms.getSnapshot()).toEqual({
      complete: true,
      rooms: [roomOf(1), roomOf(2)],
      invitations: [],
    })
    expect(asked).toEqual(['/rooms', '/rooms'])
    expect(client.rooms.getServerSnapshot()).toEqual({ complete: false, rooms: [], invitations: [] })
  })

  test('changes with each membership, which is told once', async () => {
    const { client, peer } = await begun()
    rooms.set(3, roomOf(3, null))
    peer.send(frame(3, 'invited', 5))
    await until(() => client.rooms.getSnapshot().invitations.length === 1, 'the invitation')
    rooms.set(3, roomOf(3))
    peer.send(frame(3, 'joined', 6))
    peer.send(frame(3, 'joined', 6))
    await until(() => idsIn(client).includes(3), 'the room')
    expect(client.rooms.getSnapshot().invitations).toEqual([])
    peer.send(frame(1, 'removed', 7))
    peer.send(frame(2, 'room_deleted', 8))
    await until(() => idsIn(client).length === 1, 'the end of two')
    expect(told).toEqual([
      ['invited', 3],
      ['joined', 3],
      ['removed', 1],
      ['room_deleted', 2],
    ])
    expect(peer.frames.filter(({ type }) => type === 'memberships')).toHaveLength(1)
  })

  test('gets what was missed without a connection', async () => {
    const { client, peer } = await begun()
    peer.send({ type: 'heartbeat', heads: {}, epoch: 'later' })
    peer.send(frame(1, 'left', 5))
    await until(() => told.length === 1, 'the change')
    peer.cut()
    await until(() => client.status === 'offline', 'the loss')
    rooms.set(4, roomOf(4))
    rig.clock.advance(500)
    const next = await rig.server.nextIdentified({ hello: { epoch: 'latest' } })
    const request = await next.take('memberships')
    expect(request).toMatchObject({ after: 5, epoch: 'later' })
    next.answer(request, {
      memberships: [changeOf(4, 'joined', 7), changeOf(2, 'room_deleted', 9)],
      head: 9,
      more: false,
    })
    await until(() => client.rooms.getSnapshot().complete && idsIn(client).join() === '4', 'the rooms')
    expect(told.slice(1)).toEqual([
      ['joined', 4],
      ['room_deleted', 2],
    ])
    expect(asked.slice(2)).toEqual(['/rooms/4'])
    // From here on, the position is of the history that this connection tells of.
    next.send({ type: 'heartbeat', heads: {}, epoch: 'latest', memberships: 10 })
    expect(await next.take('memberships')).toMatchObject({ after: 9, epoch: 'latest' })
  })

  test('asks again after a gap, and tells what came meanwhile in order', async () => {
    const { client, peer } = await begun()
    for (const id of [5, 6, 7]) rooms.set(id, roomOf(id))
    peer.send(frame(6, 'joined', 6))
    const request = await peer.take('memberships')
    expect(request.after).toBe(4)
    peer.send(frame(7, 'joined', 7))
    peer.answer(request, {
      memberships: [changeOf(5, 'joined', 5), changeOf(6, 'joined', 6)],
      head: 6,
      more: false,
    })
    await until(() => idsIn(client).join() === '1,2,5,6,7', 'the rooms')
    expect(told).toEqual([
      ['joined', 5],
      ['joined', 6],
      ['joined', 7],
    ])
  })

  test('asks on for what one answer does not hold', async () => {
    const { client, peer } = await begun()
    peer.send({ type: 'heartbeat', heads: {}, memberships: 6 })
    peer.answer(await peer.take('memberships'), {
      memberships: [changeOf(1, 'left', 5)],
      head: 5,
      more: true,
    })
    const request = await peer.take('memberships')
    expect(request.after).toBe(5)
    peer.answer(request, { memberships: [changeOf(2, 'left', 6)], head: 6, more: false })
    await until(() => idsIn(client).length === 0, 'the end of both')
  })

  test('is right although the list that was read is older than what was told', async () => {
    const answers: (() => void)[] = []
    const served = rig.server.rest
    rig.server.rest = async (request) => {
      const answer = await served(request)
      await new Promise<void>((resolve) => answers.push(resolve))
      return answer
    }
    const { client, peer } = await begun(false)
    await until(() => answers.length === 1, 'the request')
    peer.send(frame(1, 'room_deleted', 5))
    rooms.delete(1)
    rooms.set(3, roomOf(3))
    peer.send(frame(3, 'joined', 6))
    await until(() => told.length === 2, 'the changes')
    expect(client.rooms.getSnapshot().complete).toBe(false)
    rig.server.rest = served
    answers[0]?.()
    await until(() => client.rooms.getSnapshot().complete, 'the list')
    expect(idsIn(client)).toEqual([2, 3])
  })

  test('is read anew if what was missed cannot be told', async () => {
    const { client, peer } = await begun()
    peer.cut()
    await until(() => client.status === 'offline', 'the loss')
    rooms = new Map([[9, roomOf(9)]])
    rig.clock.advance(500)
    const next = await rig.server.nextIdentified()
    next.answer(await next.take('memberships'), { memberships: [], head: 2, more: false, reset: true })
    await until(() => idsIn(client).join() === '9', 'the new list')
    next.send(frame(9, 'left', 3))
    await until(() => idsIn(client).length === 0, 'the end of it')
  })

  test('is another user’s after another one has signed in', async () => {
    const { client, peer } = await begun()
    peer.cut()
    await until(() => client.status === 'offline', 'the loss')
    rooms = new Map([[9, roomOf(9)]])
    rig.clock.advance(500)
    const next = await rig.server.nextIdentified({ id: 2 })
    await until(() => idsIn(client).length === 0, 'the list of the former user to go')
    const request = await next.take('memberships')
    expect(request).not.toHaveProperty('after')
    next.answer(request, { memberships: [], head: 70, more: false, reset: true })
    await until(() => idsIn(client).join() === '9', 'the list of the other')
  })

  test('is tried again when it cannot be read', async () => {
    const served = rig.server.rest
    rig.server.rest = () => new Response('', { status: 503 })
    const { client } = await begun(false)
    await until(() => rig.clock.waits().includes(250), 'a pause')
    rig.server.rest = served
    rig.clock.advance(250)
    await until(() => client.rooms.getSnapshot().complete, 'the list')
  })

  test('is not asked for while nobody wants to know', async () => {
    const client = rig.connect()
    const peer = await rig.server.nextIdentified()
    await until(() => client.status === 'live', 'the client')
    peer.send(frame(3, 'invited', 5))
    peer.send({ type: 'heartbeat', heads: {}, memberships: 5 })
    await settled(client, peer)
    const stop = client.rooms.subscribe(() => undefined)
    peer.answer(await peer.take('memberships'), BEGUN)
    await until(() => client.rooms.getSnapshot().complete, 'the list')
    stop()
    stop()
    rooms.delete(1)
    peer.send(frame(1, 'left', 5))
    await settled(client, peer)
    // Whoever listens again gets what was missed.
    client.rooms.subscribe(() => undefined)
    peer.send(frame(2, 'left', 6))
    const request = await peer.take('memberships')
    expect(request.after).toBe(4)
    peer.answer(request, { memberships: [changeOf(1, 'left', 5)], head: 5, more: false })
    await until(() => idsIn(client).length === 0, 'the changes')
    expect(peer.frames.filter(({ type }) => type === 'memberships')).toHaveLength(2)
  })

  test('of a server that tells no numbers is read with each connection', async () => {
    const client = listening()
    let peer = await rig.server.nextIdentified()
    peer.refuse(await peer.take('memberships'), { code: 'invalid', message: 'type: is none of ours' })
    await until(() => client.rooms.getSnapshot().complete, 'the list')
    rooms.set(3, roomOf(3))
    const { user_seq, ...plain } = frame(3, 'joined', 0)
    peer.send(plain)
    await until(() => idsIn(client).includes(3), 'the room')
    expect(told).toEqual([['joined', 3]])
    peer.cut()
    await until(() => client.status === 'offline', 'the loss')
    rooms = new Map([[9, roomOf(9)]])
    rig.clock.advance(500)
    peer = await rig.server.nextIdentified()
    peer.refuse(await peer.take('memberships'), { code: 'invalid' })
    await until(() => idsIn(client).join() === '9', 'the new list')
  })
})

test('a listener hears of what has just happened, before the first answer, too', async () => {
  const client = rig.connect()
  client.on('membership', ({ change, room }) => told.push([change, room]))
  const peer = await rig.server.nextIdentified()
  const request = await peer.take('memberships')
  peer.send(frame(3, 'invited', 4))
  peer.send(frame(3, 'joined', 5))
  peer.answer(request, BEGUN)
  await until(() => told.length === 2, 'both')
  expect(told).toEqual([
    ['invited', 3],
    ['joined', 3],
  ])
  expect(asked).toEqual([])
})

const BEGUN: Memberships = { memberships: [], head: 4, more: false, reset: true }

/** A client whose list of rooms is wanted, and whose changes are noted. */
function listening(): Client {
  const client = rig.connect()
  client.on('membership', ({ change, room }) => told.push([change, room]))
  client.rooms.subscribe(() => undefined)
  return client
}

async function begun(complete = true): Promise<{ client: Client; peer: Peer }> {
  const client = listening()
  const peer = await rig.server.nextIdentified({ hello: { epoch: 'first' } })
  const request = await peer.take('memberships')
  expect(request).not.toHaveProperty('after')
  peer.answer(request, BEGUN)
  if (complete) await until(() => client.rooms.getSnapshot().complete, 'the list')
  return { client, peer }
}

/** Resolves once the client has received everything that was sent before. */
async function settled(client: Client, peer: Peer): Promise<void> {
  const edited = client.room(2).edit(1, 'words')
  peer.answer(await peer.take('edit'), { room: 2, seq: 1, version: 2 })
  await edited
}

function idsIn(client: Client): number[] {
  return client.rooms.getSnapshot().rooms.map(({ id }) => id)
}

function frame(room: number, change: MembershipFrame['change'], seq: number): MembershipFrame {
  const role = change === 'joined' ? 'member' : null
  return { type: 'membership', room, change, role, actor: { id: 2, username: 'user2' }, user_seq: seq }
}

function changeOf(room: number, change: MembershipFrame['change'], seq: number) {
  const { type, ...rest } = frame(room, change, seq)
  return { ...rest, user_seq: seq, at: '2026-02-13T11:00:00.000Z' }
}

function roomOf(id: number, role: Room['role'] = 'member'): Room {
  return {
    id,
    name: `room ${id}`,
    kind: 'private',
    creator: null,
    description: '',
    avatar: '',
    head: 1,
    member_count: 1,
    posting: 'everyone',
    slow_mode: 0,
    created_at: '2026-02-01T09:00:00.000Z',
    updated_at: '2026-02-01T09:00:00.000Z',
    role,
    invited: role === null,
    read_seq: 0,
    delivered_seq: 0,
    unread: 0,
    other: null,
  }
}

function notFound(): Response {
  const problem = {
    code: 'not_found',
    detail: 'Room not found',
    retryable: false,
    retry_after_ms: 0,
    field: null,
  }
  return Response.json(problem, { status: 404 })
}
