import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { until } from '../support/until.ts'
import { openLive } from './support/live-room.ts'
import { type Rig, startRig } from './support/rig.ts'
import { ROOM, RoomModel } from './support/room-model.ts'

let rig: Rig
let model: RoomModel

beforeEach(() => {
  rig = startRig()
  model = new RoomModel()
})
afterEach(async () => {
  await rig.close()
})

describe('older messages', () => {
  test('come a page at a time, until there are none', async () => {
    for (let i = 0; i < 7; i++) model.say(2)
    const asked: string[] = []
    rig.server.rest = (request) => {
      const { pathname, searchParams } = new URL(request.url)
      asked.push(pathname)
      expect(request.headers.get('authorization')).toBe('Bearer secret')
      expect(searchParams.get('tombstones')).toBe('true')
      const page = model.older(Number(searchParams.get('before')), Number(searchParams.get('limit')))
      return Response.json({
        items: page.messages,
        prev: page.hasOlder ? 'more' : null,
        next: null,
        head: page.head,
      })
    }
    const { room } = await openLive(rig, model, 2)
    expect(await Promise.all([room.loadOlder(3), room.loadOlder(3)])).toEqual([true, true])
    expect(room.getSnapshot().messages).toEqual(model.messages.slice(2))
    expect(await room.loadOlder()).toBe(false)
    expect(room.getSnapshot()).toMatchObject({ hasOlder: false, messages: model.messages })
    expect(await room.loadOlder()).toBe(false)
    expect(asked).toEqual([`/api/v2/rooms/${ROOM}/messages`, `/api/v2/rooms/${ROOM}/messages`])
  })

  test('that cannot be had are an error, and can be asked for again', async () => {
    for (let i = 0; i < 3; i++) model.say(2)
    const { room } = await openLive(rig, model, 1)
    await expect(room.loadOlder()).rejects.toMatchObject({ name: 'ParleyError', code: 'bad_answer' })
    await expect(room.loadOlder()).rejects.toMatchObject({ code: 'bad_answer' })
  })
})

describe('revising', () => {
  test('resolves with the answer', async () => {
    const { room, peer } = await openLive(rig, model)
    const edited = room.edit(1, 'better')
    const request = await peer.take('edit')
    expect(request).toMatchObject({ room: ROOM, seq: 1, body: 'better' })
    peer.answer(request, { room: ROOM, seq: 1, version: 2 })
    expect(await edited).toEqual({ room: ROOM, seq: 1, version: 2 })
    const deleted = room.delete(1)
    peer.refuse(await peer.take('delete'), { code: 'forbidden', message: 'not yours' })
    await expect(deleted).rejects.toMatchObject({ code: 'forbidden', message: 'not yours' })
  })

  test('fails where no answer comes, or the connection is lost', async () => {
    const { room, peer } = await openLive(rig, model)
    const late = room.delete(1)
    await peer.take('delete')
    rig.clock.advance(10_000)
    await expect(late).rejects.toMatchObject({ code: 'timeout', retryable: true })
    const lost = room.delete(1)
    await peer.take('delete')
    peer.cut()
    await expect(lost).rejects.toMatchObject({ code: 'disconnected', retryable: true })
  })

  test('waits for a connection, but not for ever, nor without bound', async () => {
    const client = rig.connect()
    const room = client.room(ROOM)
    const waiting = Array.from({ length: 100 }, () => room.delete(1))
    await expect(room.delete(1)).rejects.toMatchObject({ code: 'overloaded', retryable: true })
    const peer = await rig.server.nextIdentified()
    peer.answer(await peer.take('delete'), { room: ROOM, seq: 1, version: 2 })
    expect(await waiting[0]).toMatchObject({ version: 2 })
    for (const lost of waiting) lost.catch(() => undefined)
    peer.cut()
    await until(() => client.status === 'offline', 'the loss')
    const late = room.delete(1)
    client.disconnect()
    await expect(late).rejects.toMatchObject({ code: 'stopped' })
  })
})
