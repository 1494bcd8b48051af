import { breaking } from '../../../support/broken-tables.ts'
import { until } from '../../../support/until.ts'
import { idOf } from '../support/answers.ts'
import type { Recorder } from '../support/recorder.ts'

/** Document 3: direct chats. */
export async function directChats(recorder: Recorder): Promise<void> {
  const { note, person, request, refused, socket, sql } = recorder
  const [user1, user2, user3] = [await person('user1'), await person('user2'), await person('user3')]
  const header = (who: { token: string }) => ({ authorization: `Token ${who.token}` })

  note('Get users')
  await request(user3, 'GET /api/users/')
  await request(user3, 'GET /api/users/?limit=1')
  await request(user3, `GET /api/users/?limit=1&after=${user1.id}`)
  await request(user3, 'GET /api/users/?search=USER2')
  await request(user3, 'GET /api/users/?limit=0')
  await request(null, 'GET /api/users/')

  note('Create chat')
  const chat = idOf(await request(user1, 'POST /api/chats/create/', { body: { user_id: user2.id } }))
  await request(user2, 'POST /api/chats/create/', { body: { user_id: user1.id } })
  await request(user1, 'POST /api/chats/create/', { body: { user_id: user1.id } })
  await request(user1, 'POST /api/chats/create/', { body: { user_id: 999_999 } })
  await request(user1, 'POST /api/chats/create/', { body: { user_id: 'user2' } })
  await request(null, 'POST /api/chats/create/', { body: { user_id: user2.id } })

  note('The socket of the chat')
  const right = await socket('user2', `/ws/chat/${chat}/`, header(user2))
  right.send({ body: 'Hello there!' })
  await right.receive()
  await right.close()

  note('Get chats')
  await request(user1, 'GET /api/chats/')
  await request(user2, 'GET /api/chats/')
  await request(user3, 'GET /api/chats/')

  note('On connecting, every existing message comes; what comes from the other counts as read')
  const left = await socket('user1', `/ws/chat/${chat}/?token=${user1.token}`)
  await left.receive()
  left.send({ body: 'Hello, how are you?' })
  await left.receive()
  // The mark is written on the side, so it may come a moment later.
  const read = async () => (await user1.call('GET', '/api/chats/')).text.includes('"unread_count":0')
  await until(read, 'the messages to count as read')
  await request(user1, 'GET /api/chats/')
  await request(user2, 'GET /api/chats/')

  note('Bad frames get an error, and the socket stays open')
  left.send({ message: 'not so' })
  await left.receive()
  left.send('not JSON')
  await left.receive()
  left.send({ body: '' })
  await left.receive()

  note('Refused handshakes: nobody, no participant, no chat')
  await refused(`/ws/chat/${chat}/`)
  await refused(`/ws/chat/${chat}/`, header(user3))
  await refused('/ws/chat/999999/', header(user3))
  await request(user1, `GET /ws/chat/${chat}/`)
  await request(user1, 'GET /api/chats/no-such-path/')

  note('A fault of the server: here its database has lost what writes messages')
  await sql(...breaking('messages'))
  left.send({ body: 'Hello, how are you?' })
  await left.receive()
  await left.close()
}
