import type { Recorder } from '../support/recorder.ts'

/** Document 4: groups. */
export async function groups(recorder: Recorder): Promise<void> {
  const { note, person, request, refused, socket, sql } = recorder
  const anagh = await person('anagh')
  const john = await person('john_doe')
  const others = [await person('third'), await person('fourth'), await person('fifth')]
  // Made beside the transcript: what these hold has no request in the contract.
  await sql(
    "update users set first_name = 'Anagh', last_name = 'Singh' where username = 'anagh'",
    "update users set first_name = 'John', last_name = 'Doe' where username = 'john_doe'",
  )
  await anagh.call('POST', '/api/v1/rooms', { name: '2nd_year' })
  await sql(
    "update rooms set description = 'Room for second-year students', avatar = 'https://...' where name = '2nd_year'",
  )
  await john.call('POST', '/chat/create-room/', { name: 'backend_2_3', invited_users: [anagh.id] })

  note('List of all groups, and joining one')
  await request(anagh, 'GET /api/chat/groups/all/')
  await request(john, 'POST /api/chat/groups/2nd_year/join/')
  await request(anagh, 'POST /api/chat/groups/backend_2_3/join/')
  for (const other of others) await other.call('POST', '/api/chat/groups/2nd_year/join/')

  note('The groups that the user has joined')
  await request(john, 'GET /api/chat/groups/')
  await request(anagh, 'GET /api/chat/groups/?limit=1')

  note('Members of a group')
  await request(anagh, 'GET /api/chat/groups/backend_2_3/members/')

  note('The socket, with the token in its address')
  const left = await socket('anagh', `/ws/chat/2nd_year/?token=${anagh.token}`)
  left.send({ message: 'Hello, world!', message_type: 'text' })
  await left.receive()
  for (const message of ['Second', 'Third']) {
    left.send({ message })
    await left.receive()
  }
  left.send({ message: 'Fourth', message_type: 'Not A Word' })
  await left.receive()

  note('Old messages, in pages')
  await request(john, 'GET /api/chat/groups/2nd_year/messages/')
  await request(john, 'GET /api/chat/groups/2nd_year/messages/?page_size=1')
  await request(john, 'GET /api/chat/groups/2nd_year/messages/?page_size=1&page=2')
  await request(john, 'GET /api/chat/groups/2nd_year/messages/?page_size=1&page=last')
  await request(john, 'GET /api/chat/groups/2nd_year/messages/?page=2')
  const forwarded = { 'x-forwarded-proto': 'https', host: 'chat.example.com' }
  await request(john, 'GET /api/chat/groups/2nd_year/messages/?page_size=2', { headers: forwarded })

  note('Leaving closes the own sockets')
  await request(anagh, 'POST /api/chat/groups/2nd_year/leave/')
  await left.closed()
  await request(anagh, 'POST /api/chat/groups/2nd_year/leave/')

  note('Refusals')
  await request(anagh, 'GET /api/chat/groups/2nd_year/messages/')
  await request(anagh, 'GET /api/chat/groups/2nd_year/members/')
  await request(john, 'GET /api/chat/groups/no_such_room/members/')
  await request(others[0] ?? john, 'POST /api/chat/groups/backend_2_3/join/')
  await request(null, 'GET /api/chat/groups/')
  await request(null, 'GET /api/chat/groups/', { headers: { authorization: `Token ${'0'.repeat(40)}` } })
  await request(john, 'GET /api/chat/no-such-path/')
  await refused('/ws/chat/backend_2_3/')
  await refused(`/ws/chat/backend_2_3/?token=${'0'.repeat(40)}`)
  await refused(`/ws/chat/backend_2_3/?token=${others[0]?.token}`)
  await refused(`/ws/chat/no_such_room/?token=${john.token}`)
}
