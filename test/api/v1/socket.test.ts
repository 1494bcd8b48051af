import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { startApp, type TestApp } from '../../support/app.ts'
import { openSocket } from '../support/socket.ts'
import { type V1Client, type V1Message, v1Client } from '../support/v1-client.ts'
import { ErrorFrame, HistoryFrame, MessageShape, SystemFrame, TextFrame } from '../support/v1-shapes.ts'

let app: TestApp
let v1: V1Client

beforeAll(async () => {
  app = await startApp()
  v1 = v1Client(app)
})
afterAll(() => app.close())

describe('history', () => {
  test('is the first frame, empty in a new room', async () => {
    const [room, user] = [await v1.room(), await v1.user()]
    const socket = v1.open(room, user)
    expect(await socket.next(HistoryFrame)).toEqual({ type: 'history', messages: [] })
    await socket.close()
  })

  test('contains the latest 50 messages, oldest first, as REST returns them', async () => {
    const [room, user] = [await v1.room(), await v1.user()]
    const sent: V1Message[] = []
    for (let i = 0; i < 55; i++) sent.push(await v1.say(room, user, `${i}`))
    const socket = v1.open(room, user)
    expect((await socket.next(HistoryFrame)).messages).toEqual(sent.slice(-50))
    await socket.close()
  })

  test('is also sent for a path with a trailing slash', async () => {
    const [room, user] = [await v1.room(), await v1.user()]
    const socket = openSocket(`${app.wsUrl}/api/v1/ws/${room.id}/${user.id}/`)
    await socket.next(HistoryFrame)
    await socket.close()
  })
})

describe('notices', () => {
  test('others are notified when a user connects and disconnects; the user is not', async () => {
    const [room, anna, ben] = [await v1.room(), await v1.user(), await v1.user()]
    const first = (await v1.join(room, anna)).socket
    const second = (await v1.join(room, ben)).socket
    const joined = await first.next(SystemFrame)
    expect(joined.content).toBe(`User ${ben.username} joined the chat`)
    expect(Math.abs(Date.parse(joined.timestamp) - Date.now())).toBeLessThan(60_000)
    await second.close()
    const left = await first.nextWhere(SystemFrame, () => true)
    expect(left.content).toBe(`User ${ben.username} left the chat`)
    expect(second.frames.filter((frame) => JSON.stringify(frame).includes('"system"'))).toEqual([])
    await first.close()
  })

  test('a user with several connections arrives with the first and leaves with the last', async () => {
    const [room, anna, ben] = [await v1.room(), await v1.user(), await v1.user()]
    const watcher = (await v1.join(room, anna)).socket
    const one = (await v1.join(room, ben)).socket
    const two = (await v1.join(room, ben)).socket
    await one.close()
    const fence = (await v1.join(room, ben)).socket
    await fence.close()
    await two.close()
    await watcher.nextWhere(SystemFrame, (frame) => frame.content.includes('left'))
    const notices = watcher.frames.flatMap(
      (frame) => /User \S+ (joined|left)/.exec(JSON.stringify(frame)) ?? [],
    )
    expect(notices.filter((word) => word === 'joined' || word === 'left')).toEqual(['joined', 'left'])
    await watcher.close()
  })

  test('a client that is cut off without a closing handshake has left', async () => {
    const [room, anna, ben] = [await v1.room(), await v1.user(), await v1.user()]
    const watcher = (await v1.join(room, anna)).socket
    const gone = (await v1.join(room, ben)).socket
    // Too large a frame: the server cuts it off.
    gone.send('x'.repeat(70_000))
    await watcher.nextWhere(SystemFrame, (frame) => frame.content === `User ${ben.username} left the chat`)
    await watcher.close()
  })

  test('notices of one room are not sent to another', async () => {
    const [here, there] = [await v1.room(), await v1.room()]
    const [anna, ben] = [await v1.user(), await v1.user()]
    const watcher = (await v1.join(here, anna)).socket
    await (await v1.join(there, ben)).socket.close()
    const fence = (await v1.join(here, ben)).socket
    await watcher.nextWhere(SystemFrame, () => true)
    expect(watcher.frames.filter((frame) => JSON.stringify(frame).includes('"system"'))).toHaveLength(1)
    await Promise.all([watcher.close(), fence.close()])
  })
})

describe('text frames', () => {
  test('reach everyone in the room, including the sender, as the full message that REST shows', async () => {
    const [room, anna, ben] = [await v1.room(), await v1.user(), await v1.user()]
    const [first, second] = [(await v1.join(room, anna)).socket, (await v1.join(room, ben)).socket]
    first.send({ type: 'text', content: 'Hello, World!', user_id: anna.id })
    const own = await first.nextWhere(TextFrame, (frame) => frame.content === 'Hello, World!')
    const seen = await second.nextWhere(TextFrame, (frame) => frame.content === 'Hello, World!')
    expect(own).toEqual(seen)
    expect(own).toEqual({ ...own, room_id: room.id, user_id: anna.id })
    expect((await v1.messages(room)).at(-1)).toEqual(own)
    await Promise.all([first.close(), second.close()])
  })

  test('a message sent over REST arrives as a frame, and vice versa', async () => {
    const [room, anna, ben] = [await v1.room(), await v1.user(), await v1.user()]
    const { socket } = await v1.join(room, anna)
    const sent = await v1.say(room, ben, 'from REST')
    expect(await socket.next(MessageShape)).toEqual(sent)
    await socket.close()
  })

  test('arrive once, in order, with ascending ids', async () => {
    const [room, anna, ben] = [await v1.room(), await v1.user(), await v1.user()]
    const [first, second] = [(await v1.join(room, anna)).socket, (await v1.join(room, ben)).socket]
    const words = Array.from({ length: 200 }, (_, i) => `${i}`)
    for (const content of words) first.send({ type: 'text', content, user_id: anna.id })
    const seen: V1Message[] = []
    while (seen.length < words.length) {
      seen.push(await second.nextWhere(TextFrame, (frame) => frame.content.length <= 3))
    }
    expect(seen.map((message) => message.content)).toEqual(words)
    const ids = seen.map((message) => Number(message.id))
    expect(ids).toEqual([...new Set(ids)].sort((a, b) => a - b))
    expect(await v1.messages(room, '?limit=200')).toEqual(seen)
    await Promise.all([first.close(), second.close()])
  })

  test('unknown fields are ignored, and neither stored nor passed on', async () => {
    const [room, anna] = [await v1.room(), await v1.user()]
    const { socket } = await v1.join(room, anna)
    const extra = { id: '7', room_id: '999', created_at: '1970-01-01T00:00:00Z', seq: 1, role: 'owner' }
    socket.send({ type: 'text', content: 'plain', user_id: anna.id, ...extra })
    const message = await socket.next(TextFrame)
    expect(message.room_id).toBe(room.id)
    expect(message.id).not.toBe('7')
    expect(Date.parse(message.created_at)).toBeGreaterThan(Date.parse('2020-01-01'))
    await socket.close()
  })

  test('a frame sent before the history arrives is not lost', async () => {
    const [room, anna] = [await v1.room(), await v1.user()]
    const socket = v1.open(room, anna)
    await socket.opened
    socket.send({ type: 'text', content: 'early', user_id: anna.id })
    const { messages } = await socket.next(HistoryFrame)
    if (messages.length === 0) expect((await socket.next(TextFrame)).content).toBe('early')
    socket.send({ type: 'text', content: 'later', user_id: anna.id })
    expect((await socket.next(TextFrame)).content).toBe('later')
    expect((await v1.messages(room)).map((message) => message.content)).toEqual(['early', 'later'])
    await socket.close()
  })
})

describe('an invalid frame', () => {
  const malformed: [string, string | Uint8Array][] = [
    ['no JSON', '{bad'],
    ['nothing', ''],
    ['a number', '42'],
    ['null', 'null'],
    ['a string', '"text"'],
    ['an array', '[]'],
    ['an empty object', '{}'],
    ['no content', '{"type":"text","user_id":"OWN"}'],
    ['no user_id', '{"type":"text","content":"x"}'],
    ['no type', '{"content":"x","user_id":"OWN"}'],
    ['a content that is a number', '{"type":"text","content":5,"user_id":"OWN"}'],
    ['a content that is null', '{"type":"text","content":null,"user_id":"OWN"}'],
    ['another type', '{"type":"system","content":"x","user_id":"OWN"}'],
    ['a server’s type', '{"type":"history","messages":[]}'],
    ['a blank content', '{"type":"text","content":" \\n\\t","user_id":"OWN"}'],
    ['a content with NUL', '{"type":"text","content":"a\\u0000b","user_id":"OWN"}'],
    ['half a surrogate pair', '{"type":"text","content":"\\ud800","user_id":"OWN"}'],
    ['too long a content', `{"type":"text","content":"${'x'.repeat(4001)}","user_id":"OWN"}`],
    ['another’s user_id', '{"type":"text","content":"x","user_id":"OTHER"}'],
    ['a user_id of nobody', '{"type":"text","content":"x","user_id":"0"}'],
    ['a user_id spelled otherwise', '{"type":"text","content":"x","user_id":"0OWN"}'],
    ['a deep array', '['.repeat(60_000)],
    ['a deep object', `${'{"type":'.repeat(7000)}1${'}'.repeat(7000)}`],
    ['binary', new Uint8Array([1, 2, 3])],
    [
      'binary that would be a good frame',
      new TextEncoder().encode('{"type":"text","content":"x","user_id":"OWN"}'),
    ],
  ]

  test.each(malformed)(
    '(%s) gets an error frame, is stored nowhere, and the socket stays open',
    async (_, frame) => {
      const [room, anna, ben] = [await v1.room(), await v1.user(), await v1.user()]
      const { socket } = await v1.join(room, anna)
      const before = await v1.messages(room)
      const named = typeof frame === 'string' ? frame.replace('OWN', anna.id).replace('OTHER', ben.id) : frame
      socket.send(named)
      await socket.next(ErrorFrame)
      expect(await v1.messages(room)).toEqual(before)
      socket.send({ type: 'text', content: 'still here', user_id: anna.id })
      expect((await socket.next(MessageShape)).content).toBe('still here')
      await socket.close()
    },
  )

  test('does not affect the others in the room', async () => {
    const [room, anna, ben] = [await v1.room(), await v1.user(), await v1.user()]
    const [first, second] = [(await v1.join(room, anna)).socket, (await v1.join(room, ben)).socket]
    for (let i = 0; i < 500; i++) first.send(`garbage ${i}`)
    first.send({ type: 'text', content: 'after', user_id: anna.id })
    expect((await second.next(TextFrame)).content).toBe('after')
    expect(second.frames.filter((frame) => JSON.stringify(frame).includes('"error"'))).toEqual([])
    await Promise.all([first.close(), second.close()])
  })

  test('that is larger than MAX_BODY_BYTES closes its socket with 1009, and no other socket', async () => {
    const [room, anna, ben] = [await v1.room(), await v1.user(), await v1.user()]
    const [first, second] = [(await v1.join(room, anna)).socket, (await v1.join(room, ben)).socket]
    first.send('x'.repeat(65_537))
    expect((await first.closed).code).toBe(1009)
    second.send({ type: 'text', content: 'unmoved', user_id: ben.id })
    await second.nextWhere(TextFrame, (frame) => frame.content === 'unmoved')
    await second.close()
  })

  test('of exactly MAX_BODY_BYTES is accepted', async () => {
    const [room, anna] = [await v1.room(), await v1.user()]
    const { socket } = await v1.join(room, anna)
    socket.send('x'.repeat(65_536))
    await socket.next(ErrorFrame)
    await socket.close()
  })
})

test('none of this is logged as a server fault', () => {
  expect(app.logs().filter((line) => /"level":(50|60)/.test(line))).toEqual([])
})
