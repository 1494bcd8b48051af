// Two nodes that share a database, Redis and a folder: an attachment that one has taken in is sent and read through the other.
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LinkedAttachment, Revised, Sent } from '../../src/api/v2/wire/index.ts'
import type { RoomId } from '../../src/core/index.ts'
import { get } from '../api/v2/rest/support/client.ts'
import { hasMessage } from '../api/v2/support/event-message.ts'
import { uploaded } from '../api/v2/support/files.ts'
import { makeRoom, type Person, person } from '../api/v2/support/people.ts'
import { enter, eventsIn, reached } from '../api/v2/support/rooms.ts'
import { connect } from '../api/v2/support/v2-client.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { picture } from '../support/images.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'
import { until } from '../support/until.ts'

let redis: RedisServer
let folder: string
let one: TestApp
let other: TestApp
let owner: Person
let member: Person
let room: RoomId

beforeAll(async () => {
  redis = await startRedis()
  folder = await mkdtemp(join(tmpdir(), 'parley-shared-'))
  const env = { REDIS_URL: redis.url, ATTACHMENTS_DIR: folder }
  one = await startApp(env)
  other = await startApp({ ...env, DATABASE_URL: one.databaseUrl })
  owner = await person(one, 'owner')
  member = await person(one, 'member')
  room = await makeRoom(one, owner, [member])
})
afterAll(async () => {
  for (const node of [other, one]) {
    expect(node.logs().filter((line) => /"level":(50|60)/.test(line))).toEqual([])
    await node.close()
  }
  await redis.remove()
  await rm(folder, { recursive: true })
})

test('is live on both with the same facts, read through either, and gone for both', async () => {
  const [sender, reader] = await Promise.all([connect(other, owner), connect(one, member)])
  await enter(sender, room)
  await enter(reader, room)
  const image = await uploaded(one, owner, room, await picture(20, 10), 'a.png')
  const { seq } = await sender.result({ type: 'send', room, body: '', attachments: [image.id] }, Sent)
  const { url: _, thumbnail_url: __, expires_at: ___, ...facts } = image
  for (const client of [sender, reader]) {
    await reached(client, room, seq)
    const message = eventsIn(client, room).filter(hasMessage).at(-1)?.message
    expect(message).toMatchObject({ seq, body: '', attachments: [facts] })
  }
  const linked = await get(other, member, `/rooms/${room}/attachments/${image.id}`, LinkedAttachment)
  // A link that one node has made counts on every other.
  const elsewhere = linked.url.replace(other.url, one.url)
  expect(elsewhere).not.toBe(linked.url)
  for (const url of [linked.url, elsewhere, linked.thumbnail_url ?? ''])
    expect((await fetch(url)).status).toBe(200)
  await sender.result({ type: 'delete', room, seq }, Revised)
  const left = async () =>
    (await readdir(folder, { recursive: true })).filter((path) => path.endsWith('.original'))
  await until(async () => (await left()).length === 0, 'the removal of the bytes')
  for (const url of [linked.url, elsewhere]) expect((await fetch(url)).status).toBe(404)
})

test('messages of one sender keep their order, with attachments or without', async () => {
  const sender = await connect(other, owner)
  const files = await Promise.all([1, 2, 3].map((n) => uploaded(one, owner, room, `${n}`)))
  const sent = await Promise.all(
    files.flatMap(({ id }) => [
      sender.result({ type: 'send', room, body: 'with', attachments: [id] }, Sent),
      sender.result({ type: 'send', room, body: 'without' }, Sent),
    ]),
  )
  const numbers = sent.map(({ seq }) => seq)
  expect(numbers).toEqual(numbers.toSorted((a, b) => a - b))
})
