// The history was rewritten, as after an older backup: everyone is sent away, and whoever comes back begins anew.
import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test'
import postgres, { type Sql } from 'postgres'
import { Subscribed } from '../../../../src/api/v2/wire/index.ts'
import { startApp, type TestApp } from '../../../support/app.ts'
import { until } from '../../../support/until.ts'
import { DirectFrameShape, RoomFrameShape } from '../../support/contracts/shapes.ts'
import { openSocket, type TestSocket } from '../../support/socket.ts'
import { HistoryFrame, TextFrame } from '../../support/v1-shapes.ts'
import { makeDirect, makeRoom, type Person, person, say } from '../support/people.ts'
import { enter, send } from '../support/rooms.ts'
import { connect, V2Client } from '../support/v2-client.ts'

let app: TestApp
let sql: Sql
let owner: Person
let member: Person
let room: Awaited<ReturnType<typeof makeRoom>>

beforeAll(async () => {
  app = await startApp({ SOCKET_HEARTBEAT_MS: '200' })
  sql = postgres(app.databaseUrl, { max: 1 })
})
beforeEach(async () => {
  owner = await person(app, 'owner')
  member = await person(app, 'member')
  room = await makeRoom(app, owner, [member], 'public')
})
afterAll(async () => {
  await sql.end()
  await app.close()
})

/**
 * What a database does that goes back to before the last messages of the room, and a user: they are gone, and so is the node's
 * beat.
 */
async function rewrite(lost: number, user = 0): Promise<void> {
  // A node that has not written a beat in this epoch yet has none to miss.
  await until(() => !app.core.epochs.mark.endsWith('.0'), 'the first beat of the epoch')
  await sql.begin(async (tx) => {
    // A beat that is being written has read the one before it: written over the loss, it would hide that.
    await tx`lock table history_beats in access exclusive mode`
    await tx`update history_beats set beat = 1`
    await tx`delete from users where id = ${user}`
    await tx`
      delete from messages where room_id = ${room} and seq > (select last_seq - ${lost} from rooms where id = ${room})`
    await tx`update rooms set last_seq = last_seq - ${lost}, message_count = message_count - ${lost} where id = ${room}`
  })
}

async function subscribe(client: V2Client, after: number, epoch: string | undefined): Promise<Subscribed> {
  const told = epoch === undefined ? {} : { epoch }
  return await client.result({ type: 'subscribe', room, after, ...told }, Subscribed)
}

/** Resolves once the node has told the client of a later place in the history than it had. */
async function laterEpoch(client: V2Client): Promise<string> {
  const before = client.all('heartbeat').at(-1)?.epoch ?? (await client.heard('hello')).epoch
  const { epoch } = await client.heard('heartbeat', (frame) => frame.epoch !== before, client.frames.length)
  return String(epoch)
}

test('clients are told the history’s epoch and position, and resume from it', async () => {
  const client = await connect(app, owner)
  const { epoch } = await client.heard('hello')
  await enter(client, room)
  const sent = await send(client, room, 'here')
  const later = await laterEpoch(client)
  expect(later).not.toBe(String(epoch))
  await client.close()

  const again = await connect(app, owner)
  for (const told of [String(epoch), later, undefined]) {
    const answer = await subscribe(again, sent.seq, told)
    expect(answer).toEqual({ room, mode: 'live', head: sent.seq, snapshot: null })
  }
  await again.close()
})

test('when the history is rewritten, clients are closed, each with its own delay, and start from a snapshot', async () => {
  const client = await connect(app, member)
  await enter(client, room)
  for (const body of ['kept', 'lost', 'lost, too']) await send(client, room, body)
  const epoch = await laterEpoch(client)
  const position = client.positionIn(room) ?? 0
  await rewrite(2)
  expect((await client.closed).code).toBe(1012)
  expect(client.all('going_away')).toHaveLength(1)

  // The room goes on, and past where it was.
  for (const body of ['new', 'newer', 'newest']) await say(app, room, owner, body)
  const again = await connect(app, member)
  expect((await again.heard('hello')).epoch).not.toBe(epoch)
  const { mode, reset, head, snapshot } = await subscribe(again, position, epoch)
  expect({ mode, reset }).toEqual({ mode: 'snapshot', reset: true })
  expect(head).toBeGreaterThan(position)
  expect(snapshot?.messages.map(({ body }) => body)).toEqual(['kept', 'new', 'newer', 'newest'])
  await again.heard('live', (frame) => frame.seq === head)
  const sent = await send(again, room, 'and on')
  await again.heard('message', (frame) => frame.seq === sent.seq)
  await again.close()
})

test('a position past the end of the room is reported as void, even without a known history', async () => {
  const client = await connect(app, owner)
  const { head, reset, mode } = await subscribe(client, 999, undefined)
  expect({ head, reset, mode }).toEqual({ head: 2, reset: true, mode: 'snapshot' })
  expect((await subscribe(client, 2, undefined)).reset).toBeUndefined()
  await client.close()
})

test.each(['x', '1-0123abcd.0123abcd.7', ''])('%p is not a valid history', async (epoch) => {
  const client = await connect(app, owner)
  const answer = await subscribe(client, 1, epoch)
  expect(answer).toMatchObject({ mode: 'snapshot', reset: true })
  await client.close()
})

test('a history that is too long is refused', async () => {
  const client = await connect(app, owner)
  const refusal = await client.refused({ type: 'subscribe', room, after: 1, epoch: 'x'.repeat(101) })
  expect(refusal).toMatchObject({ code: 'invalid', field: 'epoch' })
  await client.close()
})

test('a room that went back by less than a beat is noticed when a client subscribes, which is asked to retry', async () => {
  const client = await connect(app, member)
  await enter(client, room)
  for (const body of ['kept', 'lost', 'lost, too']) await send(client, room, body)
  const asking = await connect(app, owner)
  await sql.begin(async (tx) => {
    await tx`delete from messages where room_id = ${room} and body like 'lost%'`
    await tx`update rooms set last_seq = last_seq - 2, message_count = message_count - 2 where id = ${room}`
  })
  expect(await asking.refused({ type: 'subscribe', room })).toMatchObject({
    code: 'unavailable',
    retryable: true,
  })
  for (const each of [client, asking]) expect((await each.closed).code).toBe(1012)
  const again = await connect(app, member)
  expect((await enter(again, room)).answer.snapshot?.messages.map(({ body }) => body)).toEqual(['kept'])
  await again.close()
})

test('sockets of the other contracts are closed so that their clients reconnect', async () => {
  const { name } = (await app.chat.rooms.accessFacts({ id: room }, owner.id)).room
  const direct = await makeDirect(app, owner, member)
  await say(app, direct, owner, 'between us')
  await say(app, room, owner, 'to all')
  const open = (path: string) => openSocket(`${app.wsUrl}${path}?token=${member.token}`)
  const sockets: [TestSocket, () => Promise<unknown>][] = []
  const v1 = open(`/api/v1/ws/${room}/${member.id}`)
  const shared = open(`/ws/chat/${encodeURIComponent(String(name))}/`)
  const pair = open(`/ws/chat/${direct}/`)
  sockets.push([v1, () => v1.next(HistoryFrame)])
  sockets.push([shared, () => shared.opened])
  sockets.push([pair, () => pair.next(DirectFrameShape)])
  for (const [, ready] of sockets) await ready()
  await rewrite(1)
  for (const [socket] of sockets) expect((await socket.closed).code).toBe(1012)

  // They read the history anew, and hear what comes.
  const again = open(`/api/v1/ws/${room}/${member.id}`)
  const { messages } = await again.next(HistoryFrame)
  expect(messages.map(({ content }) => content)).toEqual([])
  const back = open(`/ws/chat/${encodeURIComponent(String(name))}/`)
  await back.opened
  back.send({ message: 'again' })
  await back.nextWhere(RoomFrameShape, ({ message }) => message === 'again')
  await again.nextWhere(TextFrame, ({ content }) => content === 'again')
  await Promise.all([again.close(), back.close()])
})

test('a session that the history no longer contains is refused at once', async () => {
  const gone = await person(app)
  const client = await connect(app, gone)
  await rewrite(0, gone.id)
  // By the new epoch, or by what looks for ended sessions after the last one.
  expect([1008, 1012]).toContain((await client.closed).code)
  const refused = new V2Client(`${app.wsUrl}/api/v2/socket?token=${gone.token}`)
  expect((await refused.closed).code).not.toBe(1012)
  expect(refused.frames).toEqual([])
  await until(() => notices().length === 4, 'the node to notice')
})

test('each rewrite was logged once, and nothing was logged as a server fault', () => {
  expect(notices()).toHaveLength(4)
  expect(notices().every((line) => line.includes('"level":40'))).toBe(true)
  expect(app.logs().filter((line) => /"level":(50|60)/.test(line))).toEqual([])
})

function notices(): string[] {
  return app.logs().filter((line) => line.includes('the database lacks data that this node has read'))
}
