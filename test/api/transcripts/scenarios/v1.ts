import { idOf } from '../support/answers.ts'
import type { Recorder } from '../support/recorder.ts'

/** Document 5: Chat API v1, by ids alone as the document has it. */
export async function v1(recorder: Recorder): Promise<void> {
  const { note, request, refused, socket } = recorder

  note('Rooms')
  const room = idOf(await request(null, 'POST /api/v1/rooms', { body: { name: 'General Chat' } }))
  await request(null, 'GET /api/v1/rooms')
  await request(null, `GET /api/v1/rooms/${room}`)
  await request(null, 'POST /api/v1/rooms', { body: { name: 'General Chat' } })
  await request(null, 'POST /api/v1/rooms', { body: {} })
  await request(null, 'GET /api/v1/rooms/room123')

  note('Users')
  const john = idOf(await request(null, 'POST /api/v1/users', { body: { username: 'john_doe' } }))
  const user = idOf(await request(null, 'POST /api/v1/users', { body: { username: 'user123' } }))
  await request(null, 'GET /api/v1/users')
  await request(null, `GET /api/v1/users/${john}`)
  await request(null, 'POST /api/v1/users', { body: { username: 'John_Doe' } })
  await request(null, 'GET /api/v1/users/user123')

  note('Messages')
  const hello = { content: 'Hello, World!', user_id: `${john}`, type: 'text' }
  await request(null, `POST /api/v1/rooms/${room}/messages`, { body: hello })
  await request(null, `GET /api/v1/rooms/${room}/messages?limit=50`)
  await request(null, `POST /api/v1/rooms/${room}/messages`, { body: { ...hello, content: ' ' } })
  await request(null, `POST /api/v1/rooms/${room}/messages`, { body: { ...hello, user_id: 'user123' } })
  await request(null, `POST /api/v1/rooms/999999/messages`, { body: hello })
  await request(null, `GET /api/v1/rooms/${room}/messages?limit=0`)

  note('The socket: history first, then what happens')
  const left = await socket('john_doe', `/api/v1/ws/${room}/${john}`)
  await left.receive()
  left.send({ type: 'text', content: 'Hello!', user_id: `${john}` })
  await left.receive()
  const right = await socket('user123', `/api/v1/ws/${room}/${user}`)
  await right.receive()
  await left.receive()
  right.send({ type: 'text', content: 'Hello, World!', user_id: `${user}` })
  await right.receive()
  await left.receive()
  await request(null, `POST /api/v1/rooms/${room}/messages`, { body: { ...hello, type: 'image' } })
  await right.receive()
  await left.receive()

  note('Frames that are not acceptable')
  right.send({ type: 'text', content: 'As somebody else', user_id: `${john}` })
  await right.receive()
  right.send({ type: 'text', content: '', user_id: `${user}` })
  await right.receive()
  right.send('Hello!')
  await right.receive()
  await right.close()
  await left.receive()
  await left.close()

  note('Identity: a token, where it is given, must be the own one')
  await request(null, `POST /api/v1/rooms/${room}/messages`, {
    body: hello,
    headers: { authorization: `Token ${'0'.repeat(40)}` },
  })
  await refused(`/api/v1/ws/${room}/999999`)
  await refused(`/api/v1/ws/999999/${john}`)
  await request(null, 'GET /api/v1/no-such-path')
}
