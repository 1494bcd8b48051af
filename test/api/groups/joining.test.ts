// Contract 4: joining and leaving groups.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { startApp, type TestApp } from '../../support/app.ts'
import { type Person, person, said } from '../support/contracts/people.ts'
import { closeCode, directChat, enter, join, publicRoom, room } from '../support/contracts/rooms.ts'
import { ListedGroupShape } from '../support/contracts/shapes.ts'
import { ask, expectAnswer } from '../support/rest.ts'

let app: TestApp
let anna: Person
let ben: Person

beforeAll(async () => {
  app = await startApp()
  anna = await person(app)
  ben = await person(app)
})
afterAll(() => app.close())

const notMember = { status: 403, body: { detail: 'You are not a member of this room.' } }
const notFound = { status: 404, body: { detail: 'Not found.' } }

describe('POST /api/chat/groups/{room}/join/', () => {
  test('joins a public group, or a private one after an invitation; joining again changes nothing', async () => {
    const open = await publicRoom(anna)
    const made = await room(anna, { invited: [ben] })
    for (const { id, name } of [open, made]) {
      for (const time of ['first', 'again']) {
        const answer = await ben.call('POST', groupPath(name, 'join'))
        const group = expectAnswer(answer, 200, ListedGroupShape)
        expect([time, group]).toEqual([time, { ...group, id, name, members_count: 2, is_member: true }])
      }
    }
  })

  test('accepts an empty body, because some clients cannot leave it out', async () => {
    for (const body of ['{}', '']) {
      const open = await publicRoom(anna)
      const length = { 'content-length': String(body.length) }
      const url = `${app.url}${groupPath(open.name, 'join')}`
      const answer = await ask('POST', url, {
        token: ben.token,
        ...(body === '' ? { headers: length } : { body }),
      })
      expect(answer.status).toBe(200)
    }
  })

  test('refuses users who were not invited, and groups that do not exist', async () => {
    const made = await room(anna)
    expect(said(await ben.call('POST', groupPath(made.name, 'join')))).toEqual(notMember)
    expect(said(await ben.call('POST', groupPath('no such room', 'join')))).toEqual(notFound)
  })

  test('finds no direct chats, because they have no name', async () => {
    const chat = await directChat(anna, ben)
    expect(said(await ben.call('POST', groupPath(`${chat.id}`, 'join')))).toEqual(notFound)
  })
})

describe('POST /api/chat/groups/{room}/leave/', () => {
  test('leaves the group: routes for members are refused from then on', async () => {
    const open = await publicRoom(anna)
    await join(ben, open.id)
    const answer = await ben.call('POST', groupPath(open.name, 'leave'))
    expect([answer.status, answer.text]).toEqual([204, ''])
    for (const what of ['members', 'messages']) {
      expect(said(await ben.call('GET', groupPath(open.name, what)))).toEqual(notMember)
    }
    expect(said(await ben.call('POST', groupPath(open.name, 'leave')))).toEqual(notMember)
    expect((await ben.call('POST', groupPath(open.name, 'join'))).status).toBe(200)
  })

  test('of a private group lasts until the next invitation', async () => {
    const made = await room(anna, { invited: [ben] })
    await join(ben, made.id)
    expect((await ben.call('POST', groupPath(made.name, 'leave'))).status).toBe(204)
    expect(said(await ben.call('POST', groupPath(made.name, 'join')))).toEqual(notMember)
    await anna.call('POST', `/chat/rooms/${made.id}/invite/`, { users: [ben.id] })
    expect((await ben.call('POST', groupPath(made.name, 'join'))).status).toBe(200)
  })

  test('closes the sockets of the user, and is open to the creator', async () => {
    const open = await publicRoom(anna)
    const socket = await enter(anna, open.name)
    expect((await anna.call('POST', groupPath(open.name, 'leave'))).status).toBe(204)
    expect(await closeCode(socket)).toBe(1008)
  })

  test('refuses non-members, and groups that do not exist', async () => {
    const made = await room(anna, { invited: [ben] })
    expect(said(await ben.call('POST', groupPath(made.name, 'leave')))).toEqual(notMember)
    expect(said(await ben.call('POST', groupPath('no such room', 'leave')))).toEqual(notFound)
  })
})

function groupPath(name: string, what: string): string {
  return `/api/chat/groups/${encodeURIComponent(name)}/${what}/`
}
