import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { startApp, type TestApp } from '../../support/app.ts'
import { expectAnswer } from '../support/rest.ts'
import { type V1Client, type V1Message, type V1Room, v1Client } from '../support/v1-client.ts'
import { DetailShape, MessageShape } from '../support/v1-shapes.ts'

let app: TestApp
let v1: V1Client

beforeAll(async () => {
  app = await startApp()
  v1 = v1Client(app)
})
afterAll(() => app.close())

describe('sending', () => {
  test('answers 200 with exactly the document’s message', async () => {
    const [room, user] = [await v1.room(), await v1.user()]
    const json = { content: 'Hello, World!', user_id: user.id, type: 'text' }
    const sent = expectAnswer(
      await v1.call('POST', `/rooms/${room.id}/messages`, { json }),
      200,
      MessageShape,
    )
    expect(sent).toEqual({ ...json, id: sent.id, room_id: room.id, created_at: sent.created_at })
    expect(await v1.messages(room)).toEqual([sent])
  })

  test('`type` defaults to `text`, and another word is kept', async () => {
    const [room, user] = [await v1.room(), await v1.user()]
    const send = async (type: string | undefined) => {
      const json = { content: 'x', user_id: user.id, type }
      const answer = await v1.call('POST', `/rooms/${room.id}/messages`, { json })
      return expectAnswer(answer, 200, MessageShape).type
    }
    expect(await send(undefined)).toBe('text')
    expect(await send('image')).toBe('image')
    expect((await v1.messages(room)).map((message) => message.type)).toEqual(['text', 'image'])
  })

  test.each(['system', 'Text', '', 'two words', 'x'.repeat(33)])('the type %p gets 400', async (type) => {
    const [room, user] = [await v1.room(), await v1.user()]
    const json = { content: 'x', user_id: user.id, type }
    expectAnswer(await v1.call('POST', `/rooms/${room.id}/messages`, { json }), 400, DetailShape)
    expect(await v1.messages(room)).toEqual([])
  })

  test('a type that equals a frame type is not shown as one', async () => {
    const [room, user] = [await v1.room(), await v1.user()]
    const { socket } = await v1.join(room, user)
    for (const type of ['history', 'error']) {
      const json = { content: type, user_id: user.id, type }
      const { status } = await v1.call('POST', `/rooms/${room.id}/messages`, { json })
      if (status === 400) continue
      const frame = await socket.nextWhere(MessageShape, (message) => message.content === type)
      expect(frame.type).toBe('text')
    }
    await socket.close()
  })

  test.each([
    ['empty', ''],
    ['blank', ' \n\t\u00a0\u3000'],
    ['4,001 characters', 'x'.repeat(4001)],
    ['4,001 characters of two UTF-16 units', '😀'.repeat(4001)],
    ['NUL', 'a\0b'],
  ])('a content that is %s gets 400, and nothing is stored', async (_, content) => {
    const [room, user] = [await v1.room(), await v1.user()]
    const json = { content, user_id: user.id }
    const answer = await v1.call('POST', `/rooms/${room.id}/messages`, { json })
    expect(expectAnswer(answer, 400, DetailShape).detail).toContain('content')
    expect(await v1.messages(room)).toEqual([])
  })

  test('a content may have 4,000 characters of any kind', async () => {
    const [room, user] = [await v1.room(), await v1.user()]
    for (const content of ['x'.repeat(4000), '😀'.repeat(4000), ' \u202eבדיקה\u202c e\u0301 é \u0085 ']) {
      expect((await v1.say(room, user, content)).content).toBe(content)
    }
  })

  test('MAX_MESSAGE_LENGTH is the limit', async () => {
    const short = await startApp({ MAX_MESSAGE_LENGTH: '5', DATABASE_URL: app.databaseUrl })
    const client = v1Client(short)
    const [room, user] = [await client.room(), await client.user()]
    expect((await client.say(room, user, 'éééé😀')).content).toBe('éééé😀')
    const json = { content: 'ééééé😀', user_id: user.id }
    expectAnswer(await client.call('POST', `/rooms/${room.id}/messages`, { json }), 400, DetailShape)
    await short.close()
  })
})

describe('reading', () => {
  test('is oldest first, the latest 50 by default', async () => {
    const { room, sent } = await roomWith(60)
    expect(await v1.messages(room)).toEqual(sent.slice(-50))
  })

  test('`limit` is 1 to 200', async () => {
    const { room, sent } = await roomWith(12)
    expect(await v1.messages(room, '?limit=1')).toEqual(sent.slice(-1))
    expect(await v1.messages(room, '?limit=5')).toEqual(sent.slice(-5))
    expect(await v1.messages(room, '?limit=200')).toEqual(sent)
  })

  test.each(['0', '201', '-1', '1.5', 'abc', '', '1e9', '99999999999999999999', 'NaN'])(
    'a limit of %p gets 400 with a reason',
    async (limit) => {
      const room = await v1.room()
      const answer = await v1.call('GET', `/rooms/${room.id}/messages?limit=${limit}`)
      expect(expectAnswer(answer, 400, DetailShape).detail).toContain('limit')
    },
  )

  test('`before` pages back without gap or overlap, to the first message', async () => {
    const { room, sent } = await roomWith(23)
    const seen: V1Message[] = []
    let query = '?limit=7'
    while (true) {
      const page = await v1.messages(room, query)
      if (page.length === 0) break
      seen.unshift(...page)
      query = `?limit=7&before=${page[0]?.id}`
    }
    expect(seen).toEqual(sent)
  })

  test('messages of other rooms are not listed, and are not accepted as a cursor', async () => {
    const [mine, other] = [await roomWith(2), await roomWith(2)]
    expect(await v1.messages(mine.room)).toEqual(mine.sent)
    const path = `/rooms/${mine.room.id}/messages?before=${other.sent[0]?.id}`
    expectAnswer(await v1.call('GET', path), 400, DetailShape)
  })

  test.each(['0', '-1', 'x', '', '1.5', '9007199254740992', '8007199254740992', '%00'])(
    'before=%p gets 400 with a reason',
    async (before) => {
      const room = await v1.room()
      const answer = await v1.call('GET', `/rooms/${room.id}/messages?before=${before}`)
      expect(expectAnswer(answer, 400, DetailShape).detail).toMatch(/before|message/)
    },
  )
})

async function roomWith(count: number): Promise<{ room: V1Room; sent: V1Message[] }> {
  const [room, user] = [await v1.room(), await v1.user()]
  const sent: V1Message[] = []
  for (let i = 1; i <= count; i++) sent.push(await v1.say(room, user, `message ${i}`))
  return { room, sent }
}
