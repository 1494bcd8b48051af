// Two nodes over one database and one Redis: what is said to one member alone comes to all of their connections, and to nobody else.
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { ChangesPage, Room, Told } from '../../src/api/v2/wire/index.ts'
import { createClient, memoryStorage } from '../../src/client/index.ts'
import type { RoomId } from '../../src/core/index.ts'
import { bodyOf, call, expectProblem, get } from '../api/v2/rest/support/client.ts'
import { makeDirect, makeRoom, type Person, person } from '../api/v2/support/people.ts'
import { enter } from '../api/v2/support/rooms.ts'
import { connect } from '../api/v2/support/v2-client.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'
import { until } from '../support/until.ts'

let redis: RedisServer
let one: TestApp
let other: TestApp
let owner: Person
let member: Person
let third: Person
let room: RoomId

beforeAll(async () => {
  redis = await startRedis()
  const env = { REDIS_URL: redis.url, PRESENCE_GRACE_MS: '0' }
  one = await startApp(env)
  other = await startApp({ DATABASE_URL: one.databaseUrl, ...env })
  owner = await person(one, 'owner')
  member = await person(one, 'member')
  third = await person(one, 'third')
  room = await makeRoom(one, owner, [member, third])
})
afterAll(async () => {
  for (const node of [other, one]) {
    expect(node.logs().filter((line) => /"level":(50|60)/.test(line))).toEqual([])
    await node.close()
  }
  await redis.remove()
})

const tell = (who: Person, body: object, where: number = room) =>
  call(one, who, 'POST', `/rooms/${where}/ephemeral`, body)

test('each connection of the member on either node gets it once, nobody else does, and nothing is stored', async () => {
  const before = await get(one, owner, `/rooms/${room}`, Room)
  const [near, far, sender, bystander] = await Promise.all([
    connect(one, member),
    connect(other, member),
    connect(one, owner),
    connect(other, third),
  ])
  // With and without a subscription to the room.
  for (const client of [far, sender, bystander]) await enter(client, room)
  // Other nodes learn a moment later that somebody is online.
  await until(
    async () => (await one.chat.online.among([member.id])).has(member.id),
    'the member to be online',
  )
  const said = { body: 'Only you', kind: 'hint', metadata: { b: 1, a: [2] } }
  const online = { room, user: member.id, online: true }
  expect(bodyOf(await tell(owner, { user: member.id, ...said }), 200, Told)).toEqual(online)
  const answer = await sender.result({ type: 'ephemeral', room, user: member.id, body: 'Again' }, Told)
  expect(answer).toEqual(online)
  for (const client of [near, far]) {
    await client.until(() => client.all('ephemeral').length === 2, 'both messages')
    const [first, second] = client.all('ephemeral')
    const { at, ...rest } = first ?? { at: '' }
    expect(Math.abs(Date.parse(at) - Date.now())).toBeLessThan(60_000)
    const from = { id: owner.id, username: owner.username }
    expect(rest).toEqual({ type: 'ephemeral', room, sender: from, ...said })
    expect(second).toMatchObject({ kind: 'text', body: 'Again' })
  }
  await Promise.all([sender.settled(), bystander.settled()])
  expect([...sender.all('ephemeral'), ...bystander.all('ephemeral')]).toEqual([])
  expect((await get(one, owner, `/rooms/${room}`, Room)).head).toBe(before.head)
  expect((await get(one, owner, `/rooms/${room}/changes?after=${before.head}`, ChangesPage)).items).toEqual(
    [],
  )
  await Promise.all([near, far, sender, bystander].map((client) => client.close()))
})

test('the client library says it, hears it, and knows whether the member is online', async () => {
  const client = (who: Person, { url }: TestApp) =>
    createClient({ url, token: who.token, storage: memoryStorage() })
  const [speaker, hearer] = [client(owner, one), client(member, other)]
  const heard: string[] = []
  hearer.on('ephemeral', ({ sender, body }) => heard.push(`${sender.id}: ${body}`))
  await until(() => hearer.status === 'live', 'the member to be online')
  // Other nodes learn a moment later that somebody is online.
  const told = await until(async () => {
    const answer = await speaker.room(room).tell(member.id, 'Psst', { metadata: {} })
    return answer.online && answer
  }, 'the member to be told')
  expect(told).toEqual({ room, user: member.id, online: true })
  await until(() => heard.length > 0, 'it to be heard')
  expect(new Set(heard)).toEqual(new Set([`${owner.id}: Psst`]))
  await hearer.close()
  await until(
    async () => !(await speaker.room(room).tell(member.id, 'Still there?')).online,
    'the member to be gone',
  )
  await speaker.close()
})

test('it is refused to whom is not in the room, from who is not, and if no message may be like that', async () => {
  const outsider = await person(one, 'outsider')
  const hi = { user: member.id, body: 'Hi' }
  expectProblem(await tell(outsider, hi), 404, 'not_found')
  expectProblem(await tell(owner, hi, 999_999), 404, 'not_found')
  const open = await makeRoom(one, owner, [member], 'public')
  expectProblem(await tell(outsider, hi, open), 403, 'forbidden')
  expectProblem(await tell(owner, { ...hi, user: outsider.id }), 400, 'invalid', { field: 'user' })
  expectProblem(await tell(owner, { ...hi, kind: 'system' }), 400, 'invalid', { field: 'kind' })
  expectProblem(await tell(owner, { ...hi, body: ' ' }), 400, 'invalid', { field: 'body' })
  expectProblem(await tell(owner, { ...hi, body: 'x'.repeat(4001) }), 400, 'invalid', { field: 'body' })
  expectProblem(await tell(owner, { ...hi, metadata: { a: '\0' } }), 400, 'invalid', { field: 'metadata' })
  const direct = await makeDirect(one, owner, member)
  expect(bodyOf(await tell(owner, hi, direct), 200, Told)).toMatchObject({ room: direct })
  expectProblem(await tell(third, hi, direct), 404, 'not_found')
  const client = await connect(one, third)
  expect(await client.refused({ type: 'ephemeral', room: direct, ...hi })).toMatchObject({
    code: 'not_found',
  })
  await client.close()
})

test('a member who may not speak in the room says nothing in this way, and the owner always may', async () => {
  const hi = { user: owner.id, body: 'Hi' }
  const quiet = await makeRoom(one, owner, [member, third])
  const until = new Date(Date.now() + 3_600_000)
  await one.chat.moderation.mute({ id: quiet }, owner, member.id, { until })
  const refusal = expectProblem(await tell(member, hi, quiet), 403, 'muted')
  expect(refusal.retry_after_ms).toBeWithin(3_500_000, 3_600_001)
  await one.chat.moderation.setRules({ id: quiet }, owner, { posting: 'staff' })
  expectProblem(await tell(third, hi, quiet), 403, 'posting_restricted')
  expect((await tell(owner, { ...hi, user: third.id }, quiet)).status).toBe(200)
  const direct = await makeDirect(one, owner, third)
  await one.chat.blocks.block(owner, third.id)
  expectProblem(await tell(third, hi, direct), 403, 'blocked')
  expectProblem(await tell(owner, { ...hi, user: third.id }, direct), 403, 'blocked')
  await one.chat.blocks.unblock(owner, third.id)
  expect((await tell(third, hi, direct)).status).toBe(200)
})

test('it costs of the budget of messages', async () => {
  const poor = await startApp({
    DATABASE_URL: one.databaseUrl,
    RATE_MESSAGES_BURST: '3',
    RATE_MESSAGES_PER_SECOND: '1',
  })
  const answers: number[] = []
  for (let n = 0; n < 5; n++)
    answers.push(
      (await call(poor, owner, 'POST', `/rooms/${room}/ephemeral`, { user: member.id, body: 'Hi' })).status,
    )
  expect(answers.filter((status) => status === 429).length).toBeGreaterThan(0)
  await poor.close()
})
