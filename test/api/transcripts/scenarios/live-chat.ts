import { idOf } from '../support/answers.ts'
import type { Recorder } from '../support/recorder.ts'

/** Document 2: the live chat over REST, and the socket of a room. */
export async function liveChat(recorder: Recorder): Promise<void> {
  const { note, person, request, refused, socket } = recorder
  const [user1, user2] = [await person('user1'), await person('user2')]
  const header = (who: { token: string }) => ({ authorization: `Token ${who.token}` })

  note('Without a room, both requests mean the default room')
  await request(user1, 'GET /chat/history/')
  await request(user1, 'POST /chat/send/', { body: { message: 'Your message here' } })
  await request(user2, 'GET /chat/history/')

  note('Connect to a chat room, send and receive messages')
  await request(user1, 'POST /api/v1/rooms', { body: { name: 'room_name' } })
  const left = await socket('user1', '/ws/chat/room_name/', header(user1))
  const right = await socket('user2', `/ws/chat/room_name/?token=${user2.token}`)
  left.send({ message: 'Your message here' })
  await left.receive()
  await right.receive()
  right.send({ message: 'Message from another user' })
  await right.receive()
  await left.receive()

  note('A message over HTTP reaches the sockets, and a message from a socket the history')
  const body = { message: 'Your message here', room: 'room_name', message_type: 'note' }
  await request(user2, 'POST /chat/send/', { body })
  await left.receive()
  await right.receive()
  await request(user1, 'GET /chat/history/?room=room_name')
  const page = await request(user1, 'GET /chat/history?room=room_name&limit=2')
  await request(user1, `GET /chat/history?room=room_name&limit=2&before=${idOf(page, 'chat_history', 0)}`)
  await right.close()

  note('A guest has no token, and a name for as long as the connection lasts')
  const guest = await socket('guest', '/ws/chat/room_name/')
  guest.send({ message: 'Hello from outside' })
  await guest.receive()
  await left.receive()
  await guest.close()
  await left.close()

  note('Refusals')
  await request(user1, 'POST /chat/create-room/', { body: { name: 'private' } })
  await request(user2, 'POST /chat/send/', { body: { message: 'Let me in', room: 'private' } })
  await request(user2, 'GET /chat/history/?room=private')
  await request(user2, 'GET /chat/history/?room=no_such_room')
  await request(user2, 'POST /chat/send/', { body: {} })
  await request(user2, 'POST /chat/send/', { body: { message: ' ' } })
  await request(user2, 'GET /chat/history/?limit=201')
  await request(null, 'POST /chat/send/', { body: { message: 'Who am I?' } })
  await refused('/ws/chat/private/')
  await refused('/ws/chat/private/', header(user2))
  await refused('/ws/chat/no_such_room/')
}
