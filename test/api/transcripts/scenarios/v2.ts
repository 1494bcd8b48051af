import { idOf, seqOf } from '../support/answers.ts'
import type { Recorder } from '../support/recorder.ts'
import { v2Moderation } from './v2-moderation.ts'

/** Parley's own contract: every route and every request of the socket once, and how each kind of refusal looks. */
export async function v2(recorder: Recorder): Promise<void> {
  await rest(recorder)
  await sockets(recorder)
  await v2Moderation(recorder)
}

async function rest({ note, person, indexed, request, refused }: Recorder): Promise<void> {
  const alice = await person('alice')
  const bob = await person('bob')
  const carol = await person('carol')

  note('Accounts and tokens')
  const account = { username: 'dora', password: 'correct horse battery' }
  await request(null, 'POST /api/v2/users', { body: account })
  await request(null, 'POST /api/v2/users', { body: account })
  await request(null, 'POST /api/v2/tokens', { body: account })
  await request(null, 'POST /api/v2/tokens', { body: { ...account, password: 'wrong' } })
  await request(alice, 'GET /api/v2/me')
  await request(alice, 'PATCH /api/v2/me', { body: { first_name: 'Alice' } })
  await request(alice, 'GET /api/v2/users?search=bo')
  await request(alice, `GET /api/v2/users/${bob.id}`)
  await request(null, 'GET /api/v2/me')
  await request(carol, 'POST /api/v2/me/tokens')
  await request(carol, 'GET /api/v2/me/tokens')
  await request(carol, 'POST /api/v2/me/tickets')
  await request(carol, 'DELETE /api/v2/me/tokens')

  note('Rooms')
  const room = idOf(
    await request(alice, 'POST /api/v2/rooms', { body: { name: 'engineering', kind: 'public' } }),
  )
  await request(alice, 'POST /api/v2/rooms', { body: { name: 'engineering', kind: 'public' } })
  await request(alice, 'GET /api/v2/rooms')
  await request(alice, `GET /api/v2/rooms/${room}`)
  await request(alice, `PATCH /api/v2/rooms/${room}`, { body: { description: 'All that is built' } })
  await request(bob, `PATCH /api/v2/rooms/${room}`, { body: { description: 'Not theirs' } })
  await request(alice, 'PATCH /api/v2/me', { body: { metadata: { zone: 'Europe/Berlin' } } })
  await request(bob, 'GET /api/v2/search/rooms?name=eng')
  await request(bob, 'GET /api/v2/rooms/999999')

  note('Attachments')
  await request(alice, `POST /api/v2/rooms/${room}/attachments`, { body: {} })
  await request(alice, `GET /api/v2/rooms/${room}/attachments?ids=7,8`)
  await request(alice, `GET /api/v2/rooms/${room}/attachments?ids=x`)
  await request(alice, `GET /api/v2/rooms/${room}/attachments/7`)
  await request(alice, `GET /api/v2/rooms/${room}/attachments/7/file`)
  await request(alice, `POST /api/v2/rooms/${room}/uploads`, { body: { name: 'plan.png', size: 48_213 } })
  await request(alice, `POST /api/v2/rooms/${room}/uploads/complete`, { body: { upload: 'none' } })
  const link = 'key=aa&name=plan.png&type=image/png&user=1&expires=1770976800&seal=none'
  await request(null, `GET /api/v2/files/7/original?${link}`)
  await request(alice, `POST /api/v2/rooms/${room}/messages`, { body: { body: '', attachments: [7] } })

  note('Members')
  await request(bob, `PUT /api/v2/rooms/${room}/members/me`)
  await request(alice, `GET /api/v2/rooms/${room}/members`)
  await request(alice, `GET /api/v2/rooms/${room}/members/${bob.id}`)
  await request(alice, `PATCH /api/v2/rooms/${room}/members/${bob.id}`, { body: { role: 'admin' } })
  await request(bob, `PATCH /api/v2/rooms/${room}/members/${alice.id}`, { body: { role: 'member' } })
  await request(alice, `POST /api/v2/rooms/${room}/invitations`, { body: { users: [carol.id] } })
  await request(alice, `GET /api/v2/rooms/${room}/invitations`)
  await request(carol, 'GET /api/v2/me/changes')
  await request(alice, `DELETE /api/v2/rooms/${room}/invitations/${carol.id}`)

  note('Messages')
  const hello = { body: { body: 'Hello, World!' }, headers: { 'idempotency-key': '01J9Z8-0' } }
  await request(alice, `POST /api/v2/rooms/${room}/messages`, hello)
  await request(alice, `POST /api/v2/rooms/${room}/messages`, hello)
  await request(bob, `POST /api/v2/rooms/${room}/messages`, {
    body: { body: 'Hi!', reply_to: 7 },
  })
  await request(carol, `POST /api/v2/rooms/${room}/messages`, { body: { body: 'From outside' } })
  const place = { body: 'At the office', kind: 'place', metadata: { location: { lat: 52.52, lon: 13.4 } } }
  const placed = await request(alice, `POST /api/v2/rooms/${room}/messages`, { body: place })
  await request(alice, `PATCH /api/v2/rooms/${room}/messages/${seqOf(placed)}`, {
    body: { body: 'Nowhere', metadata: null },
  })
  await request(alice, `GET /api/v2/rooms/${room}/messages/${seqOf(placed)}/revisions`)
  await request(alice, `POST /api/v2/rooms/${room}/ephemeral`, { body: { user: bob.id, body: 'Only you' } })
  await request(alice, `POST /api/v2/rooms/${room}/messages`, { body: { body: ' ' } })
  await request(alice, `PATCH /api/v2/rooms/${room}/messages/7`, { body: { body: 'Hello, all!' } })
  await request(bob, `DELETE /api/v2/rooms/${room}/messages/8`)
  await request(bob, `PUT /api/v2/rooms/${room}/messages/7/reactions/%F0%9F%91%8D`)
  await request(alice, `PUT /api/v2/rooms/${room}/messages/7/reactions/not%20one`)
  await request(alice, `GET /api/v2/rooms/${room}/messages/7/reactions`)
  await request(bob, `DELETE /api/v2/rooms/${room}/messages/7/reactions/%F0%9F%91%8D`)
  await request(alice, `PUT /api/v2/rooms/${room}/messages/7/pin`)
  await request(carol, `PUT /api/v2/rooms/${room}/messages/7/pin`)
  await request(bob, `GET /api/v2/rooms/${room}/pins`)
  await request(alice, `GET /api/v2/rooms/${room}/messages?limit=1`)
  await request(alice, `GET /api/v2/rooms/${room}/messages/7`)
  await request(alice, `GET /api/v2/rooms/${room}/changes?after=2`)
  await request(alice, `GET /api/v2/rooms/${room}/snapshot?limit=1`)
  await request(alice, `DELETE /api/v2/rooms/${room}/messages/7/pin`)
  await request(bob, 'GET /api/v2/recent')
  await indexed()
  await request(bob, 'GET /api/v2/search?q=hello&limit=1')
  await request(carol, `GET /api/v2/search?q=nothing%20like%20this&room=${room}`)
  await request(bob, 'GET /api/v2/search?q=h')

  note('A thread')
  const reply = { body: 'Who is there?', reply_to: 7, in_room: false }
  const replied = await request(bob, `POST /api/v2/rooms/${room}/messages`, { body: reply })
  await request(alice, `GET /api/v2/rooms/${room}/messages/7/thread`)
  await request(alice, `PUT /api/v2/rooms/${room}/messages/7/thread/read`, { body: { seq: seqOf(replied) } })
  await request(alice, 'GET /api/v2/me/threads')
  await request(alice, `DELETE /api/v2/rooms/${room}/messages/7/thread/follow`)
  await request(alice, `PUT /api/v2/rooms/${room}/messages/7/thread/follow`)
  await request(carol, `GET /api/v2/rooms/${room}/messages/7/thread`)

  note('Marks, and who is there')
  await request(bob, 'GET /api/v2/unread')
  await request(bob, `PUT /api/v2/rooms/${room}/marks`, { body: { read_seq: 7 } })
  await request(bob, `GET /api/v2/rooms/${room}/presence`)

  note('Mentions')
  const lunch = { body: 'Lunch, all? @room', mentions: { users: [bob.id], room: true } }
  await request(alice, `POST /api/v2/rooms/${room}/messages`, { body: lunch })
  await request(bob, `GET /api/v2/rooms/${room}`)
  await request(bob, 'GET /api/v2/mentions?limit=1')

  note('Direct chats')
  await request(alice, 'POST /api/v2/directs', { body: { user: bob.id } })

  note('Endings')
  await request(bob, `DELETE /api/v2/rooms/${room}/members/me`)
  await request(alice, `DELETE /api/v2/rooms/${room}`)
  await request(alice, `GET /api/v2/rooms/${room}`)
  await request(alice, 'GET /api/v2/no-such-path')
  await refused('/api/v2/socket?token=wrong')
}

async function sockets({ note, online, person, request, socket }: Recorder): Promise<void> {
  const erin = await person('erin')
  const frank = await person('frank')
  const body = { name: 'socket', kind: 'public' }
  const room = idOf(await request(erin, 'POST /api/v2/rooms', { body }))
  await request(frank, `PUT /api/v2/rooms/${room}/members/me`)
  const grace = await person('grace')
  await request(grace, `PUT /api/v2/rooms/${room}/members/me`)
  await online(room, frank, erin)

  note('The socket: the first frame identifies the user')
  const one = await socket('erin', '/api/v2/socket?identify=later')
  await one.receive()
  one.send({ type: 'auth', id: 1, token: erin.token })
  await one.receive()
  one.send({ type: 'subscribe', id: 2, room, limit: 20 })
  await one.receive(3)
  one.send({ type: 'memberships', id: 3 })
  await one.receive()

  note('Messages, edits, marks and signals')
  one.send({ type: 'send', id: 4, room, body: 'Hello, World!', client_id: '01J9Z8-1' })
  await one.receive(2)
  one.send({ type: 'send', id: 5, room, body: 'Again', client_id: '01J9Z8-2', reply_to: 4 })
  await one.receive(2)
  one.send({ type: 'edit', id: 6, room, seq: 4, body: 'Hello, all!' })
  await one.receive(2)
  one.send({ type: 'delete', id: 7, room, seq: 5 })
  await one.receive(2)
  one.send({ type: 'read', id: 8, room, seq: 7 })
  await one.receive(2)
  one.send({ type: 'delivered', id: 9, room, seq: 7 })
  await one.receive()
  one.send({ type: 'typing', id: 10, room, typing: true })
  await one.receive(2)
  one.send({ type: 'ephemeral', id: 30, room, user: erin.id, body: 'Only you' })
  await one.receive(2)
  one.send({ type: 'ping', id: 11 })
  await one.receive()

  note('Refusals')
  one.send({ type: 'edit', id: 12, room, seq: 5, body: 'It is deleted' })
  await one.receive()
  one.send({ type: 'send', id: 13, room: 999999, body: 'No such room' })
  await one.receive()
  one.send({ type: 'subscribe', room })
  await one.receive()
  one.send('not JSON')
  await one.receive()
  one.send([{ type: 'ping', id: 14 }])
  await one.receive()

  note('Resuming: what has changed since comes compacted')
  one.send({ type: 'subscribe', id: 15, room, after: 3 })
  await one.receive(4)
  const three = await socket('grace', '/api/v2/socket', { authorization: `Bearer ${grace.token}` })
  await three.receive()
  await one.receive()
  one.send({ type: 'unsubscribe', id: 16, room })
  await one.receive()

  note('Several frames in one, on a connection that asks for it')
  const two = await socket('frank', '/api/v2/socket?batch=1', { authorization: `Bearer ${frank.token}` })
  await two.receive()
  two.send({ type: 'subscribe', id: 1, room, after: 7 })
  await two.receive(3)
  two.send([
    { type: 'send', id: 2, room, body: 'One', client_id: '01J9ZA-0' },
    { type: 'send', id: 3, room, body: 'Two', client_id: '01J9ZA-1' },
  ])
  await two.receive(2)
  two.send({ type: 'send', id: 6, room, body: 'Two and a half', client_id: '01J9ZA-2', reply_to: 4 })
  await two.receive(2)
  two.send({ type: 'thread_follow', id: 7, room, seq: 4, follow: false })
  await two.receive(2)
  two.send({ type: 'thread_read', id: 8, room, seq: 4, read_seq: 4 })
  await two.receive()
  two.send({ type: 'react', id: 5, room, seq: 4, reaction: '👍', on: true })
  await two.receive(2)
  one.send({ type: 'pin', id: 31, room, seq: 4, on: true })
  await one.receive()
  await two.receive()

  note('What frank keeps privately, on two devices')
  two.send({ type: 'private', id: 6 })
  await two.receive()
  const four = await socket('frank', '/api/v2/socket', { authorization: `Bearer ${frank.token}` })
  await four.receive()
  four.send({ type: 'draft', id: 1, room, text: 'Hello, W' })
  await four.receive()
  await two.receive()
  four.send({ type: 'private', id: 2, after: 0 })
  await four.receive()
  await request(frank, `PUT /api/v2/me/drafts/${room}`, { body: { text: 'Hello, World!', version: 1 } })
  await two.receive()
  await four.receive()
  await request(frank, `GET /api/v2/me/drafts/${room}`)
  await request(frank, 'GET /api/v2/me/drafts')
  await request(frank, `DELETE /api/v2/me/drafts/${room}?version=2`)
  await two.receive()
  await four.receive()
  await request(frank, 'GET /api/v2/me/private?after=1')
  two.send({ type: 'save', id: 7, room, seq: 4, on: true })
  await two.receive(2)
  await four.receive()
  await request(frank, 'GET /api/v2/me/saved')
  await request(frank, `PUT /api/v2/me/saved/${room}/5`)
  await request(frank, `DELETE /api/v2/me/saved/${room}/4`)
  await two.receive()
  await four.receive()
  two.send({ type: 'read', id: 8, room, seq: 9 })
  await two.receive(2)
  two.send({ type: 'mark_unread', id: 9, room, seq: 4 })
  await two.receive(2)
  await four.receive()
  await request(frank, `PUT /api/v2/rooms/${room}/marks/unread`, { body: { seq: 4 } })
  two.send({ type: 'read', id: 10, room, seq: 9 })
  await two.receive(2)
  await four.receive()

  note('What grace wants to be notified of')
  const muted_until = '2100-01-01T00:00:00.000Z'
  three.send({ type: 'notifications', id: 1, room, level: 'mentions', muted_until })
  await three.receive()
  await request(grace, `PUT /api/v2/rooms/${room}/messages/4/thread/notifications`, {
    body: { level: 'none' },
  })
  await request(grace, `GET /api/v2/rooms/${room}/messages/4/thread/notifications`)
  await request(grace, `DELETE /api/v2/rooms/${room}/messages/4/thread/notifications`)
  await request(grace, `PUT /api/v2/rooms/${room}/notifications`, { body: { level: 'mentions' } })
  await request(grace, `GET /api/v2/rooms/${room}/notifications`)

  note('A mention, and a connection that does not hear the room')
  one.send({
    type: 'send',
    id: 17,
    room,
    body: 'Lunch?',
    client_id: '01J9ZB-0',
    mentions: { users: [grace.id] },
  })
  await one.receive()
  await two.receive()
  await three.receive()

  note('What others do: a description, a removal')
  await request(erin, `PATCH /api/v2/rooms/${room}`, { body: { description: 'Sockets' } })
  await two.receive()
  await request(erin, `DELETE /api/v2/rooms/${room}/members/${frank.id}`)
  await two.receive(3)
  // What they kept of the room is gone.
  await two.receive()
  await four.receive()
  two.send({ type: 'nonsense', id: 4 })
  await two.receive()
  await two.close()
  await one.close()
  await three.close()
}
