import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  ChangesPage,
  LinkedAttachments,
  Message,
  MessagePage,
  Snapshot,
} from '../../../../src/api/v2/wire/index.ts'
import type { RoomId } from '../../../../src/core/index.ts'
import { startApp, type TestApp } from '../../../support/app.ts'
import { picture } from '../../../support/images.ts'
import { until } from '../../../support/until.ts'
import { ask } from '../../support/rest.ts'
import { uploaded } from '../support/files.ts'
import { makeDirect, makeRoom, type Person, person } from '../support/people.ts'
import { connect } from '../support/v2-client.ts'
import { bodyOf, call, expectProblem, get } from './support/client.ts'

let folder: string
let app: TestApp
let owner: Person
let member: Person
let room: RoomId

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-sent-'))
  app = await startApp({ ATTACHMENTS_DIR: folder })
  owner = await person(app, 'owner')
  member = await person(app, 'member')
})
beforeEach(async () => {
  room = await makeRoom(app, owner, [member])
})
afterAll(async () => {
  await app.close()
  await rm(folder, { recursive: true })
})

const send = (who: Person, json: object, key?: string, to: number = room) =>
  call(app, who, 'POST', `/rooms/${to}/messages`, json, key === undefined ? {} : { 'idempotency-key': key })
const sent = async (who: Person, json: object, key?: string, to: number = room) =>
  bodyOf(await send(who, json, key, to), 201, Message)
const linked = async (who: Person, ids: readonly number[], where: number = room) =>
  (await get(app, who, `/rooms/${where}/attachments?ids=${ids.join()}`, LinkedAttachments)).items
const stored = async () => (await readdir(folder, { recursive: true })).filter((path) => path.includes('.'))

describe('a message with attachments', () => {
  test('tells what they are, in the order given, everywhere, and gives every member their bytes', async () => {
    const words = await uploaded(app, owner, room, 'words', 'words.txt')
    const image = await uploaded(app, owner, room, await picture(40, 20), 'image.png')
    const message = await sent(owner, { body: '', attachments: [image.id, words.id] })
    const { url: _, thumbnail_url: __, expires_at: ___, ...facts } = image
    expect(message).toMatchObject({
      body: '',
      attachments: [facts, { id: words.id, name: 'words.txt', size: 5 }],
    })
    const { attachments, seq } = message
    const page = await get(app, member, `/rooms/${room}/messages`, MessagePage)
    const snapshot = await get(app, member, `/rooms/${room}/snapshot`, Snapshot)
    const changes = await get(app, member, `/rooms/${room}/changes?after=${seq - 1}`, ChangesPage)
    const one = await get(app, member, `/rooms/${room}/messages/${seq}`, Message)
    expect(page.items.at(-1)?.attachments).toEqual(attachments ?? [])
    expect(snapshot.messages.at(-1)?.attachments).toEqual(attachments ?? [])
    expect(changes.items).toMatchObject([{ type: 'message', message: { attachments } }])
    expect(one.attachments).toEqual(attachments ?? [])
    const files = await linked(member, [image.id, words.id])
    expect(files.map(({ id }) => id)).toEqual([words.id, image.id])
    expect(await (await fetch(files[0]?.url ?? '')).text()).toBe('words')
    expect((await linked(member, [words.id, image.id, words.id])).map(({ id }) => id)).toEqual([
      words.id,
      image.id,
    ])
  })

  test('takes only own uploads to the room, each once, and at most ten', async () => {
    const own = await uploaded(app, owner, room, 'x')
    const others = await uploaded(app, member, room, 'x')
    const direct = await makeDirect(app, owner, member)
    const elsewhere = await uploaded(app, owner, direct, 'x')
    const wrong = { field: 'attachments' }
    for (const attachments of [[others.id], [elsewhere.id], [999_999], [own.id, others.id]])
      expectProblem(await send(owner, { body: 'x', attachments }), 400, 'invalid', wrong)
    for (const attachments of [[], [own.id, own.id], Array.from({ length: 11 }, (_, i) => i + 1)])
      expectProblem(await send(owner, { body: 'x', attachments }), 400, 'invalid', wrong)
    for (const attachments of [['1'], [{ id: own.id }], [0], [1.5], 7])
      expect((await send(owner, { body: 'x', attachments })).status).toBe(400)
    expectProblem(await send(owner, { body: '' }), 400, 'invalid', { field: 'body' })
    await sent(owner, { body: 'x', attachments: [own.id] })
    expectProblem(await send(owner, { body: 'x', attachments: [own.id] }), 400, 'invalid', wrong)
  })

  test('is sent once, however often it is repeated, and gives a file to one message only', async () => {
    const { id } = await uploaded(app, owner, room, 'x')
    const key = crypto.randomUUID()
    const json = { body: 'x', attachments: [id] }
    const same = await Promise.all(Array.from({ length: 8 }, () => sent(owner, json, key)))
    expect(new Set(same.map((message) => JSON.stringify(message))).size).toBe(1)
    const { id: other } = await uploaded(app, owner, room, 'x')
    const rivals = await Promise.all(
      Array.from({ length: 8 }, () => send(owner, { body: 'x', attachments: [other] })),
    )
    expect(rivals.map(({ status }) => status).sort()).toEqual([201, ...new Array<number>(7).fill(400)])
    // What was refused beside it has taken no number.
    const { items } = await get(app, owner, `/rooms/${room}/messages`, MessagePage)
    expect(items.filter(({ attachments }) => attachments?.some((each) => each.id === other))).toHaveLength(1)
  })

  test('is a line with a name and an address for the contracts that know of none', async () => {
    const direct = await makeDirect(app, owner, member)
    const bare = await uploaded(app, owner, direct, 'x', 'plan b.txt')
    await sent(owner, { body: '', attachments: [bare.id] }, undefined, direct)
    const address = `/api/v2/rooms/${direct}/attachments/${bare.id}/file`
    const chats = await ask('GET', `${app.url}/api/chats/`, { token: member.token })
    expect(chats.text).toContain(`"body":"plan b.txt: ${address}"`)
    const named = await uploaded(app, owner, room, 'x', 'a.txt')
    await sent(owner, { body: 'look', attachments: [named.id] })
    const page = await ask('GET', `${app.url}/api/v1/rooms/${room}/messages`, { token: member.token })
    expect(page.text).toContain(`"look\\na.txt: /api/v2/rooms/${room}/attachments/${named.id}/file"`)
    const file = await fetch(`${app.url}${address}`, { headers: { authorization: `Token ${member.token}` } })
    expect(await file.text()).toBe('x')
  })

  test('can be edited without a text, and its text be emptied again', async () => {
    const { id } = await uploaded(app, owner, room, 'x')
    const { seq } = await sent(owner, { body: '', attachments: [id] })
    const patch = (json: object, at = seq) => call(app, owner, 'PATCH', `/rooms/${room}/messages/${at}`, json)
    const edited = async (json: object) => bodyOf(await patch(json), 200, Message)
    const attachments = [{ id }]
    const metadata = { a: 1 }
    expect(await edited({ metadata })).toMatchObject({ body: '', metadata, attachments })
    expect(await edited({ body: '', metadata: null })).toMatchObject({ body: '', attachments })
    expect(await edited({ body: 'look' })).toMatchObject({ body: 'look' })
    expect(await edited({ metadata })).toMatchObject({ body: 'look', metadata, attachments })
    expect(await edited({ body: '' })).toMatchObject({ body: '', metadata, attachments })
    expectProblem(await patch({ body: ' ' }), 400, 'invalid', { field: 'body' })
    const { seq: bare } = await sent(owner, { body: 'words alone' })
    expectProblem(await patch({ body: '' }, bare), 400, 'invalid', {
      field: 'body',
      detail: 'body must not be empty',
    })
    const client = await connect(app, owner)
    const edit = (more: object, at = seq) => client.ask({ type: 'edit', room, seq: at, ...more })
    expect(await edit({ metadata: null })).toMatchObject({ type: 'result' })
    expect(await edit({ body: '' })).toMatchObject({ type: 'result' })
    expect(await edit({ body: '' }, bare)).toMatchObject({ type: 'error', code: 'invalid', field: 'body' })
    expect(await edit({})).toMatchObject({ type: 'error', code: 'invalid', field: 'body' })
    await client.close()
  })

  test('keeps them when it is edited, and loses them with their bytes when it is deleted', async () => {
    const { id, url } = await uploaded(app, owner, room, await picture(30, 30))
    const { seq } = await sent(owner, { body: 'x', attachments: [id] })
    const path = `/rooms/${room}/messages/${seq}`
    const edited = bodyOf(await call(app, owner, 'PATCH', path, { body: 'y' }), 200, Message)
    expect(edited.attachments).toMatchObject([{ id }])
    const key = new URL(url).searchParams.get('key') ?? ''
    expect((await stored()).filter((each) => each.includes(key))).toHaveLength(2)
    const gone = bodyOf(await call(app, owner, 'DELETE', path), 200, Message)
    expect(gone.attachments).toBeUndefined()
    expect(await linked(owner, [id])).toEqual([])
    await until(async () => !(await stored()).some((each) => each.includes(key)), 'the removal of the bytes')
    expect((await fetch(url)).status).toBe(404)
  })
})
