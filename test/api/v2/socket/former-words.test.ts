// What a message said before it was edited or deleted is shown to nobody who asks afterwards, wherever they resume.
import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { Message, RoomId } from '../../../../src/core/index.ts'
import { seq as seqOf } from '../../../core/fakes/values.ts'
import { startApp, type TestApp } from '../../../support/app.ts'
import { makeRoom, type Person, person, say } from '../support/people.ts'
import { bodiesIn, type Entered, enter, reached } from '../support/rooms.ts'
import { connect, type V2Client } from '../support/v2-client.ts'

let app: TestApp
let owner: Person
let member: Person
/** Follows every room, so that the node keeps what was said there last in memory. */
let watcher: V2Client

beforeAll(async () => {
  app = await startApp()
  owner = await person(app, 'owner')
  member = await person(app, 'member')
  watcher = await connect(app, owner)
})
afterAll(async () => {
  await watcher.close()
  await app.close()
})

const FORMER = /former words/

test('a deleted message arrives once, as a tombstone', async () => {
  const room = await watchedRoom()
  await say(app, room, owner, 'first')
  const at = await say(app, room, owner, 'former words')
  await say(app, room, owner, 'last')
  const head = await remove(room, at)
  for (let after = 0; after <= head; after++) {
    const { client, answer } = await resumed(member, room, after)
    const left = [[at - 1, 'first'] as const, [at + 1, 'last'] as const]
    expect(bodiesIn(client, room)).toEqual(left.flatMap(([seq, body]) => (seq > after ? [body] : [])))
    // Where a number is compacted away the client is told so; where all are there, they come one by one.
    expect([after, answer.mode]).toEqual([after, after < at ? 'changes' : 'live'])
    await client.close()
  }
})

test('an edited message arrives once, with its latest text', async () => {
  const room = await watchedRoom()
  const at = await say(app, room, owner, 'former words')
  await edit(room, at, 'the former words, mended')
  const head = await edit(room, at, 'new words')
  for (let after = 0; after <= head; after++) {
    const { client } = await resumed(member, room, after)
    expect(bodiesIn(client, room)).toEqual(after < head ? ['new words'] : [])
    await client.close()
  }
})

test('a user invited after a deletion is shown nothing of the deleted text', async () => {
  const room = await watchedRoom()
  const at = await say(app, room, owner, 'former words')
  await remove(room, at)
  const late = await person(app, 'late')
  await app.chat.membership.invite({ id: room }, owner, [late.id])
  await app.chat.membership.join({ id: room }, late)
  const { client } = await resumed(late, room, at - 1)
  expect(bodiesIn(client, room)).toEqual([])
  await client.close()
})

test('a replaced description is not sent any more', async () => {
  const room = await watchedRoom()
  await app.chat.rooms.describe({ id: room }, owner, { description: 'former words' })
  const { seq } = await app.chat.rooms.describe({ id: room }, owner, { description: 'new words' })
  const { client } = await resumed(member, room, seq - 2)
  expect(client.texts.filter((text) => text.includes('new words'))).toHaveLength(1)
  await client.close()
})

async function watchedRoom(): Promise<RoomId> {
  const room = await makeRoom(app, owner, [member])
  await enter(watcher, room)
  return room
}

/** A new connection that has everything up to `after`; fails where it is sent anything of the former words. */
async function resumed(
  who: Person,
  room: RoomId,
  after: number,
): Promise<{ client: V2Client; answer: Entered['answer'] }> {
  const client = await connect(app, who)
  const { answer } = await enter(client, room, after)
  expect(client.texts.filter((text) => FORMER.test(text))).toEqual([])
  return { client, answer }
}

/** @returns the number that it took, once the node has heard of it */
async function edit(room: RoomId, at: number, body: string): Promise<number> {
  return heard(room, await app.chat.messages.edit({ id: room }, owner, { seq: seqOf(at) }, body))
}

async function remove(room: RoomId, at: number): Promise<number> {
  return heard(room, await app.chat.messages.remove({ id: room }, owner, { seq: seqOf(at) }))
}

async function heard(room: RoomId, { versionSeq }: Message): Promise<number> {
  if (versionSeq === null) throw new Error('it was not changed')
  await reached(watcher, room, versionSeq)
  return versionSeq
}
