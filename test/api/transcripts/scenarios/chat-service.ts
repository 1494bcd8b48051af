import { idOf } from '../support/answers.ts'
import type { Recorder } from '../support/recorder.ts'

/** Document 1: rooms by invitation, and the socket of a room. */
export async function chatService(recorder: Recorder): Promise<void> {
  const { note, person, request, refused, socket } = recorder
  const creator = await person('creator_username')
  const [user1, user2, user3] = [await person('user1'), await person('user2'), await person('user3')]
  const header = (who: { token: string }) => ({ authorization: `Token ${who.token}` })

  note('Create room')
  const three = { name: 'Room Name', type: 'private', invited_users: [user1.id, user2.id, user3.id] }
  const first = idOf(await request(creator, 'POST /chat/create-room/', { body: three }))
  await request(creator, 'POST /chat/create-room/', { body: {} })
  await request(creator, 'POST /chat/create-room/', { body: { name: 'Room Name' } })
  await request(creator, 'POST /chat/create-room/', { body: { name: 'Other', type: 'public' } })
  await request(creator, 'POST /chat/create-room/', {
    body: { name: 'Other', invited_users: [user1.id, 999_999] },
  })
  await request(creator, 'POST /chat/create-room/', { body: { name: '12345' } })
  await request(null, 'POST /chat/create-room/', { body: { name: 'Other' } })

  note('Delete room, after which its name is free')
  await request(user1, `DELETE /chat/rooms/${first}/`)
  await request(creator, `DELETE /chat/rooms/${first}/`)
  await request(creator, `DELETE /chat/rooms/${first}/`)
  const two = { name: 'Room Name', type: 'private', invited_users: [user1.id, user2.id] }
  const second = idOf(await request(creator, 'POST /chat/create-room/', { body: two }))
  await request(creator, `DELETE /chat/rooms/${second}/`)

  note('Join room')
  const one = { name: 'Room Name', invited_users: [user2.id] }
  const room = idOf(await request(user1, 'POST /chat/create-room/', { body: one }))
  await request(user2, 'POST /chat/join-room/', { body: { room_id: room } })
  await request(user2, 'POST /chat/join-room/', { body: { room_id: 999_999 } })
  await request(user3, 'POST /chat/join-room/', { body: { room_id: room } })
  await request(user3, 'POST /chat/join-room/', { body: {} })

  note('Invite users')
  await request(user1, `POST /chat/rooms/${room}/invite/`, { body: { users: [user3.id, creator.id] } })
  await request(user1, `POST /chat/rooms/${room}/invite/`, { body: { users: [999_999] } })

  note('List rooms: created by the caller, or with an invitation for them')
  await request(user2, 'GET /chat/rooms/')
  await request(user3, 'GET /chat/rooms')

  note('Connect to a chat room, send and receive messages')
  const game = { name: 'my_room', type: 'game', invited_users: [user2.id] }
  const live = idOf(await request(user1, 'POST /chat/create-room/', { body: game }))
  const left = await socket('user1', '/ws/chat/my_room/', header(user1))
  left.send({ message: 'Your message here' })
  await left.receive()
  const right = await socket('user2', `/ws/chat/my_room/?token=${user2.token}`)
  right.send({ message: 'Message from another user' })
  await right.receive()
  await left.receive()
  left.send({ message: 'Hello, World!', message_type: 'greeting' })
  await left.receive()
  await right.receive()
  right.send({ text: 'not so' })
  await right.receive()
  right.send('{')
  await right.receive()
  right.send({ message: '  ' })
  await right.receive()
  await refused('/ws/chat/my_room/')
  await refused('/ws/chat/my_room/', header(user3))
  await refused('/ws/chat/no_such_room/', header(user3))

  note('Message history')
  await request(user2, `GET /chat/rooms/${live}/messages/`)
  const page = await request(user2, `GET /chat/rooms/${live}/messages/?limit=1`)
  await request(user2, `GET /chat/rooms/${live}/messages/?limit=1&before=${idOf(page, 'messages', 0)}`)
  await request(user3, `GET /chat/rooms/${live}/messages/`)
  await request(user2, `GET /chat/rooms/${live}/messages/?limit=0`)

  note('Deleting the room closes its sockets')
  await right.close()
  await request(user1, `DELETE /chat/rooms/${live}/`)
  await left.closed()
  await request(user1, 'GET /chat/no-such-path/')
}
