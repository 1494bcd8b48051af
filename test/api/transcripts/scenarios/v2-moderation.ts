import { idOf } from '../support/answers.ts'
import type { Recorder } from '../support/recorder.ts'

/** The part of v2's scenario about bans, mutes, rules, reports and blocks, in a room of its own. */
export async function v2Moderation({ note, online, person, request, socket }: Recorder): Promise<void> {
  const heidi = await person('heidi')
  const ivan = await person('ivan')
  const judy = await person('judy')
  const body = { name: 'moderated', kind: 'public' }
  const room = idOf(await request(heidi, 'POST /api/v2/rooms', { body }))
  const path = `/api/v2/rooms/${room}`
  for (const who of [ivan, judy]) await request(who, `PUT ${path}/members/me`)
  await online(room, judy, heidi)
  const end = '9999-12-31T00:00:00.000Z'

  note('The staff mutes, says who may post, and bans')
  const one = await socket('judy', '/api/v2/socket', { authorization: `Bearer ${judy.token}` })
  await one.receive()
  one.send({ type: 'subscribe', id: 1, room, after: 3 })
  await one.receive(3)
  await request(ivan, `POST ${path}/messages`, { body: { body: 'Buy now!' } })
  await one.receive()
  one.send({ type: 'report', id: 2, room, seq: 4, reason: 'It is an advertisement' })
  await one.receive()
  await request(heidi, `PUT ${path}/mutes/${ivan.id}`, { body: { reason: 'advertising' } })
  await one.receive()
  await request(ivan, `POST ${path}/messages`, { body: { body: 'Really!' } })
  await request(ivan, `GET ${path}`)
  await request(heidi, `GET ${path}/mutes`)
  await request(heidi, `DELETE ${path}/mutes/${ivan.id}`)
  await one.receive()
  await request(heidi, `PATCH ${path}`, { body: { posting: 'staff' } })
  await one.receive()
  one.send({ type: 'send', id: 3, room, body: 'May I?' })
  await one.receive()
  await request(heidi, `PATCH ${path}`, { body: { posting: 'everyone', slow_mode: 60 } })
  await one.receive()
  await request(heidi, `PUT ${path}/bans/${ivan.id}`, { body: { reason: 'advertising' } })
  await one.receive(2)
  await request(ivan, `GET ${path}/messages`)
  await request(judy, `PUT ${path}/bans/${ivan.id}`, { body: {} })
  one.send({ type: 'ban', id: 4, room, user: ivan.id, reason: 'not the staff' })
  await one.receive()

  note('The staff reads reports, bans and the audit log')
  await request(ivan, `POST ${path}/messages/4/report`, { body: { reason: 'banned' } })
  const reports = await request(heidi, `GET ${path}/reports`)
  await request(heidi, `PUT ${path}/reports/${firstId(reports)}`, { body: { outcome: 'acted' } })
  await request(heidi, `GET ${path}/bans`)
  await request(heidi, `GET ${path}/audit?limit=3`)
  await request(heidi, `DELETE ${path}/bans/${ivan.id}`)
  await one.receive()
  const two = await socket('heidi', '/api/v2/socket', { authorization: `Bearer ${heidi.token}` })
  await two.receive()
  two.send({ type: 'ban', id: 1, room, user: ivan.id })
  await two.receive()
  await one.receive()
  two.send({ type: 'unban', id: 2, room, user: ivan.id })
  await two.receive()
  await one.receive()
  two.send({ type: 'mute', id: 3, room, user: judy.id, until: end })
  await two.receive()
  await one.receive()
  two.send({ type: 'unmute', id: 4, room, user: judy.id })
  await two.receive()
  await one.receive()
  await one.close()
  await two.close()

  note('Users block each other')
  await request(judy, 'POST /api/v2/directs', { body: { user: ivan.id } })
  await request(judy, `PUT /api/v2/me/blocks/${ivan.id}`)
  await request(judy, 'GET /api/v2/me/blocks')
  await request(ivan, 'POST /api/v2/directs', { body: { user: judy.id } })
  await request(judy, `DELETE /api/v2/me/blocks/${ivan.id}`)
}

/** Returns the id of the first entry of a page. */
function firstId(page: unknown): number {
  const found = /"items":\[\{"id":(\d+)/.exec(JSON.stringify(page))?.[1]
  if (found === undefined) throw new Error('the page is empty')
  return Number(found)
}
