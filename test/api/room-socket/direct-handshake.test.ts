// Contract 3: who gets into the socket of a direct chat.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { handshake } from '../../server/support/raw-http.ts'
import { startApp, type TestApp } from '../../support/app.ts'
import { login, register, TicketShape } from '../support/accounts-client.ts'
import { person } from '../support/contracts/people.ts'
import { directChat, publicRoom } from '../support/contracts/rooms.ts'
import { DirectFrameShape } from '../support/contracts/shapes.ts'
import { talk } from '../support/contracts/talk.ts'
import { ask, expectAnswer } from '../support/rest.ts'
import { openSocket } from '../support/socket.ts'

let app: TestApp

beforeAll(async () => {
  app = await startApp()
})
afterAll(() => app.close())

describe('the handshake', () => {
  test('is refused as documented', async () => {
    const { one, id } = await pair()
    const open = await publicRoom(one)
    const stranger = await person(app)
    const at = (chat: string, token?: string) =>
      handshake(
        `${app.wsUrl}/ws/chat/${chat}/`,
        token === undefined ? {} : { Authorization: `Token ${token}` },
      )
    const missing = { error: 'Authentication credentials were not provided.' }
    expect(brief(await at(`${id}`))).toEqual([401, missing])
    expect(brief(await at(`${id}`, 'f'.repeat(40)))).toEqual([401, { error: 'Invalid token.' }])
    expect(brief(await at(`${id}`, stranger.token))).toEqual([
      403,
      { error: 'You are not a participant of this chat' },
    ])
    for (const other of ['987654', '0', `${open.id}`, '9007199254740993', '9'.repeat(40)]) {
      expect(brief(await at(other, one.token))).toEqual([404, { error: 'Chat not found' }])
    }
  })

  test('accepts a session cookie only from pages of allowed origins', async () => {
    const [account, friend] = [await register(app), await person(app)]
    const { id } = await directChat(friend, { ...friend, id: Number(account.id) })
    await talk(friend, id, ['hello, browser'])
    const { cookie } = await login(app, account.username)
    const url = `${app.wsUrl}/ws/chat/${id}/`
    const browser = openSocket(url, { cookie, origin: app.url })
    expect((await browser.next(DirectFrameShape)).message.body).toBe('hello, browser')
    await browser.close()
    for (const origin of ['https://evil.example', 'null', `${app.url}.evil.example`]) {
      expect((await handshake(url, { Cookie: cookie, Origin: origin })).status).toBe(403)
    }
  })

  test('accepts a token in the address or as a bearer token, and a ticket once', async () => {
    const { one, id } = await pair()
    await talk(one, id, ['hello'])
    const url = `${app.wsUrl}/ws/chat/${id}/`
    const { ticket } = expectAnswer(
      await ask('POST', `${app.url}/api/auth/ticket`, { token: one.token }),
      200,
      TicketShape,
    )
    for (const socket of [
      openSocket(`${url}?token=${one.token}`),
      openSocket(url, { authorization: `Bearer ${one.token}` }),
      openSocket(`${url}?ticket=${ticket}`),
    ]) {
      expect((await socket.next(DirectFrameShape)).message.body).toBe('hello')
      await socket.close()
    }
    expect(brief(await handshake(`${url}?ticket=${ticket}`))).toEqual([401, { error: 'Invalid ticket.' }])
  })

  test('accepts an id with leading zeros', async () => {
    const { one, id } = await pair()
    expect((await handshake(`${app.wsUrl}/ws/chat/00${id}/?token=${one.token}`)).status).toBe(101)
  })
})

async function pair(where: TestApp = app) {
  const [one, two] = [await person(where), await person(where)]
  return { one, two, id: (await directChat(one, two)).id }
}

function brief({ status, json }: { status: number; json: unknown }): [number, unknown] {
  return [status, json]
}
