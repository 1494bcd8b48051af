// Contract 2: guests, who have no account.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { handshake } from '../../server/support/raw-http.ts'
import { startApp, type TestApp } from '../../support/app.ts'
import { until } from '../../support/until.ts'
import { anonymously, type Person, person, said } from '../support/contracts/people.ts'
import { cases, type Target } from '../support/contracts/rights.ts'
import {
  closeCode,
  directChat,
  echo,
  enter,
  publicRoom,
  room,
  roomPath,
  say,
} from '../support/contracts/rooms.ts'
import { MembersShape, RoomFrameShape } from '../support/contracts/shapes.ts'
import { expectAnswer } from '../support/rest.ts'
import { routesOf } from '../support/routes.ts'
import { openSocket } from '../support/socket.ts'

let app: TestApp
let anna: Person

beforeAll(async () => {
  app = await startApp({ ALLOW_GUESTS: 'true' })
  anna = await person(app)
})
afterAll(() => app.close())

const missing = { error: 'Authentication credentials were not provided.' }

test('are refused by default', async () => {
  const usual = await startApp()
  const refused = await handshake(`${usual.wsUrl}/ws/chat/lobby/`)
  expect([refused.status, refused.json]).toEqual([401, missing])
  await usual.close()
})

describe('if they are allowed, guests', () => {
  test('enter public rooms without a token, send and receive', async () => {
    const open = await publicRoom(anna)
    const member = await enter(anna, open.name)
    const guest = openSocket(app.wsUrl + roomPath(open.name))
    await guest.opened
    const own = await echo(guest)
    const seen = await member.nextWhere(RoomFrameShape, (frame) => frame.message === own.message)
    expect(seen).toEqual(own)
    expect(own.username).toMatch(/^guest-[0-9a-f]+$/)
    const word = await echo(member)
    await guest.nextWhere(RoomFrameShape, (frame) => frame.id === word.id)
    await Promise.all([guest.close(), member.close()])
  })

  test('each have their own name', async () => {
    const sockets = [1, 2, 3].map(() => openSocket(app.wsUrl + roomPath('lobby')))
    const names = new Set<string>()
    const ids = new Set<number>()
    for (const socket of sockets) {
      await socket.opened
      const own = await echo(socket)
      names.add(own.username)
      ids.add(own.user_id)
    }
    expect([names.size, ids.size]).toEqual([3, 3])
    await Promise.all(sockets.map((socket) => socket.close()))
  })

  test('are members while they are connected, and their messages stay', async () => {
    const open = await publicRoom(anna)
    const guest = openSocket(app.wsUrl + roomPath(open.name))
    await guest.opened
    const own = await echo(guest)
    expect(await members(open.name)).toEqual([anna.username, own.username])
    await guest.close()
    await until(async () => (await members(open.name)).length === 1, 'the guest to be gone')
    const answer = await anna.call('GET', `/chat/history/?room=${encodeURIComponent(open.name)}`)
    expect(answer.json).toEqual({ chat_history: [own] })
  })

  test('are not admitted with an invalid token', async () => {
    for (const more of ['?token=ffff', `?token=${'f'.repeat(40)}`, `?ticket=${'f'.repeat(40)}`]) {
      expect((await handshake(`${app.wsUrl}/ws/chat/lobby/${more}`)).status).toBe(401)
    }
    expect((await handshake(`${app.wsUrl}/ws/chat/lobby/`, { Authorization: 'nonsense' })).status).toBe(401)
  })

  test('do not get into private rooms, game rooms and direct chats', async () => {
    const friend = await person(app)
    const closed = [await room(anna), await room(anna, { type: 'game' })]
    const chat = await directChat(anna, friend)
    for (const name of [...closed.map((made) => made.name), `${chat.id}`]) {
      const refused = await handshake(app.wsUrl + roomPath(name))
      expect([refused.status, refused.json]).toEqual([401, missing])
    }
    const nowhere = await handshake(app.wsUrl + roomPath('no such room'))
    expect([nowhere.status, nowhere.json]).toEqual([404, { error: 'Room not found' }])
  })

  test('can do nothing else: every other route needs a credential', async () => {
    for (const { method, path, socket } of await routesOf(app)) {
      const entry = cases[`${method} ${path}`]
      if (entry === undefined) throw new Error(`there is no case for ${method} ${path}`)
      // What v1 shows to who names nobody is its own contract's.
      if (entry.kind === 'open' || socket || path.startsWith('/api/v1/')) continue
      const request = entry.kind === 'refuses' ? entry.request(lobby, anna) : entry.request
      const answer = await anonymously(app, method, request.path, request.json)
      expect([method, path, answer.status]).toEqual([method, path, 401])
    }
  })

  test('cannot be impersonated by id, found, chatted with or signed in to', async () => {
    const guest = openSocket(app.wsUrl + roomPath('lobby'))
    await guest.opened
    const { user_id, username } = await echo(guest)
    const json = { content: 'as the guest', user_id: String(user_id), type: 'text' }
    const { id } = await publicRoom(anna)
    expect((await anonymously(app, 'POST', `/api/v1/rooms/${id}/messages`, json)).status).toBe(404)
    expect((await handshake(`${app.wsUrl}/api/v1/ws/${id}/${user_id}`)).status).toBe(404)
    for (const path of ['/api/users/', `/api/users/?search=${username}`, '/api/v1/users']) {
      expect((await anna.call('GET', path)).text).not.toContain(username)
    }
    const chat = await anna.call('POST', '/api/chats/create/', { user_id })
    expect(said(chat)).toEqual({ status: 400, body: { error: 'User not found' } })
    const made = await room(anna)
    const invited = await anna.call('POST', `/chat/rooms/${made.id}/invite/`, { users: [user_id] })
    expect(said(invited)).toEqual({ status: 400, body: { error: 'One or more users do not exist' } })
    for (const password of ['', username]) {
      const signIn = await anonymously(app, 'POST', '/api/auth/login', { username, password })
      expect(signIn.status).toBe(401)
    }
    await guest.close()
  })

  test('leave nothing behind if the handshake fails', async () => {
    const open = await publicRoom(anna)
    const url = app.wsUrl + roomPath(open.name)
    for (const headers of [
      { 'Sec-WebSocket-Version': '8' },
      { 'Sec-WebSocket-Key': 'x' },
      { Upgrade: 'h2c' },
    ]) {
      expect((await handshake(url, headers)).status).toBe(400)
    }
    expect((await anonymously(app, 'GET', roomPath(open.name))).status).toBe(400)
    expect(await members(open.name)).toEqual([anna.username])
  })

  test('are disconnected when the room is deleted', async () => {
    const open = await publicRoom(anna)
    await say(anna, open.name, 'soon over')
    const guest = openSocket(app.wsUrl + roomPath(open.name))
    await guest.opened
    await echo(guest)
    expect((await anna.call('DELETE', `/chat/rooms/${open.id}/`)).status).toBe(204)
    expect(await closeCode(guest)).toBe(1008)
  })
})

/** What requests are about: since nobody makes them, it does not matter what. */
const lobby: Target = { kind: 'private', id: 1, name: 'lobby' }

async function members(name: string): Promise<string[]> {
  const answer = await anna.call('GET', `/api/chat/groups/${encodeURIComponent(name)}/members/`)
  return expectAnswer(answer, 200, MembersShape).map((member) => member.username)
}
