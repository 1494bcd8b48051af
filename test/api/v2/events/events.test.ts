import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test'
import { isSeq, START } from '../../../../src/core/index.ts'
import { startApp, type TestApp } from '../../../support/app.ts'
import { until } from '../../../support/until.ts'
import { EventReader, type Followed } from '../support/event-reader.ts'
import { makeRoom, type Person, pair, person, say } from '../support/people.ts'

let app: TestApp
const open: EventReader[] = []

beforeAll(async () => {
  app = await startApp({ SOCKET_BACKPRESSURE_BYTES: '65536', PRESENCE_GRACE_MS: '0' })
})
afterEach(async () => {
  for (const reader of open.splice(0)) await reader.close()
})
afterAll(() => app.close())

async function follow(who: Person, query = '', more: Partial<Followed> = {}): Promise<EventReader> {
  const reader = await EventReader.open({
    url: `${app.url}/api/v2/events${query}`,
    token: who.token,
    ...more,
  })
  open.push(reader)
  return reader
}

describe('a stream of events', () => {
  test('begins with a snapshot of each room, goes live and brings what happens', async () => {
    const [ann, ben] = await pair(app)
    const [one, other] = [await makeRoom(app, ann, [ben]), await makeRoom(app, ben, [ann])]
    const reader = await follow(ann)
    expect(reader.response.headers.get('content-type')).toBe('text/event-stream')
    expect(reader.response.headers.get('x-accel-buffering')).toBe('no')
    expect(reader.response.headers.get('cache-control')).toBe('no-store, no-transform')
    await reader.until(() => reader.of('state').length === 2, 'both rooms to be live')
    expect(reader.frames[0]).toMatchObject({ type: 'hello', identified: { user: { id: ann.id } } })
    const results = reader.of('result').flatMap(({ data }) => ('mode' in data ? [data] : []))
    expect<unknown>(results.map(({ room, mode }) => [room, mode]).sort()).toEqual([
      [one, 'snapshot'],
      [other, 'snapshot'],
    ])
    const said = [await say(app, one, ben, 'hello'), await say(app, other, ben, 'there')]
    await reader.until(() => reader.of('message').length === 2, 'both messages')
    expect<unknown>(reader.of('message').map(({ room, seq }) => [room, seq])).toEqual([
      [one, said[0] ?? 0],
      [other, said[1] ?? 0],
    ])
  })

  test('goes on after the last id, without what was sent before', async () => {
    const [ann, ben] = await pair(app)
    const room = await makeRoom(app, ann, [ben])
    const quiet = await makeRoom(app, ann, [ben])
    const reader = await follow(ann)
    await reader.until(() => reader.id !== '', 'an id')
    const first = await say(app, room, ben, 'one')
    const before = reader.id
    await reader.until(() => reader.seqs(room).includes(first) && reader.id !== before, 'its id')
    await reader.close()
    const missed = [await say(app, room, ben, 'two'), await say(app, quiet, ben, 'three')]
    const again = await follow(ann, '', { lastEventId: reader.id })
    await again.until(() => again.of('state').length === 2, 'the rooms to be live')
    expect(again.seqs(room)).toEqual([missed[0] ?? 0])
    expect(again.seqs(quiet)).toEqual([missed[1] ?? 0])
    const modes = again.of('result').flatMap(({ data }) => ('mode' in data ? [data.mode] : []))
    expect(modes).not.toContain('snapshot')
  })

  test('tells of the rooms that were asked for alone, and refuses those of others', async () => {
    const [ann, ben] = await pair(app)
    const [one, other, foreign] = [
      await makeRoom(app, ann, [ben]),
      await makeRoom(app, ann, [ben]),
      await makeRoom(app, ben),
    ]
    const reader = await follow(ann, `?rooms=${one},${foreign}&limit=0`)
    await reader.until(() => reader.of('state').length === 1 && reader.of('error').length === 1, 'answers')
    expect(reader.of('error')).toMatchObject([{ id: foreign, code: 'not_found' }])
    await say(app, other, ben, 'not here')
    await say(app, foreign, ben, 'nor here')
    await say(app, one, ben, 'here')
    await reader.until(() => reader.of('message').length > 0, 'a message')
    expect<unknown>(reader.of('message').map(({ room }) => room)).toEqual([one])
  })

  test('follows rooms as the user joins them and leaves them', async () => {
    const [ann, ben] = await pair(app)
    const reader = await follow(ann)
    await reader.until(() => reader.id !== '', 'the stream to begin')
    const room = await makeRoom(app, ben, [ann])
    await reader.until(() => reader.of('state').length === 1, 'the new room')
    await say(app, room, ben, 'welcome')
    await reader.until(() => reader.of('message').length === 1, 'a message')
    await app.chat.membership.remove({ id: room }, ben, ann.id)
    await say(app, room, ben, 'gone')
    await reader.until(() => reader.of('unsubscribed').length === 1, 'the end')
    // The removal comes in its place, and nothing after it.
    const types = reader.frames
      .filter((frame) => 'room' in frame && frame.type !== 'state')
      .map(({ type }) => type)
    expect(types.indexOf('unsubscribed')).toBe(types.lastIndexOf('member') + 1)
    expect(reader.of('message')).toHaveLength(1)
    expect(reader.of('membership').map(({ change }) => change)).toEqual(['invited', 'joined', 'removed'])
  })

  test('leaves out the signals that were not asked for', async () => {
    const [ann, ben] = await pair(app)
    const room = await makeRoom(app, ann, [ben])
    const first = await say(app, room, ann, 'read this')
    const [all, none, marks] = [
      await follow(ann),
      await follow(ann, '?signals=none'),
      await follow(ann, '?signals=marks'),
    ]
    for (const reader of [all, none, marks]) await reader.until(() => reader.of('state').length === 1, 'live')
    await app.chat.membership.mark(room, ben, { readSeq: isSeq(first) ? first : START })
    const visit = app.chat.visits.enter(room, ben)
    await visit.opened()
    await visit.findMember()
    visit.type(true)
    await all.until(() => all.of('marks').length > 0 && all.of('typing').length > 0, 'signals')
    await marks.until(() => marks.of('marks').length > 0, 'marks')
    await say(app, room, ben, 'hello')
    for (const reader of [none, marks])
      await reader.until(() => reader.of('message').length === 1, 'a message')
    expect([none.of('marks'), none.of('typing'), none.of('presence')]).toEqual([[], [], []])
    expect([marks.of('typing'), marks.of('presence')]).toEqual([[], []])
    await visit.leave()
  })

  test('counts as a connection of the user: they are online, and it ends with the session', async () => {
    const ann = await person(app)
    const reader = await follow(ann)
    await reader.until(() => reader.id !== '', 'the stream to begin')
    expect([...(await app.chat.online.among([ann.id]))]).toEqual([ann.id])
    const tokens = await app.chat.accounts.tokens(ann.id)
    for (const { id } of tokens) await app.chat.accounts.revokeToken(ann.id, id)
    await reader.until(() => reader.isOver, 'the end')
    expect(reader.closed).toEqual({ code: 1008, reason: 'signed out' })
    await until(async () => (await app.chat.online.among([ann.id])).size === 0, 'the user to be offline')
    const refused = await follow(ann)
    expect(refused.response.status).toBe(401)
  })

  test('is opened by a ticket once, and by nobody without a credential', async () => {
    const ann = await person(app)
    const headers = { authorization: `Bearer ${ann.token}` }
    const made = await fetch(`${app.url}/api/v2/me/tickets`, { method: 'POST', headers })
    const { ticket } = (await made.json()) as { ticket: string }
    const query = `?ticket=${ticket}`
    const url = `${app.url}/api/v2/events${query}`
    const first = await EventReader.open({ url })
    open.push(first)
    await first.until(() => first.of('hello').length === 1, 'a greeting')
    expect((await fetch(url)).status).toBe(401)
    expect((await fetch(`${app.url}/api/v2/events`)).status).toBe(401)
    expect((await fetch(`${app.url}/api/v2/events`, { method: 'HEAD', headers })).status).not.toBe(200)
  })

  test.each([
    'x',
    '~~',
    '1~A~e',
    `1~${'A'.repeat(5000)}~e`,
    '1~AQ~e',
    '1~gICAgICAgICAgICAgIAB~e',
    `99999999999999999999~~e`,
    '1~AAE~e',
    '1~!~e',
    '1~~é',
  ])('refuses an id that is none: %#', async (lastEventId) => {
    const ann = await person(app)
    const query = `?last_event_id=${encodeURIComponent(lastEventId)}`
    const reader = await follow(ann, query)
    expect(reader.response.status).toBe(400)
  })

  test.each([
    ['rooms=', 'rooms'],
    ['rooms=x', 'rooms'],
    [`rooms=${Array.from({ length: 2600 }, (_, i) => i + 1).join(',')}`, 'rooms'],
    ['limit=201', 'limit'],
    ['limit=-1', 'limit'],
    ['signals=all', 'signals'],
  ])('refuses a query that is not valid: %#', async (query, field) => {
    const ann = await person(app)
    const reader = await fetch(`${app.url}/api/v2/events?${query}`, {
      headers: { authorization: `Bearer ${ann.token}` },
    })
    expect(reader.status).toBeGreaterThanOrEqual(400)
    expect(await reader.json()).toMatchObject({ field })
  })

  test('an id of another history begins anew, and one of foreign rooms tells nothing of them', async () => {
    const [ann, ben] = await pair(app)
    const room = await makeRoom(app, ann, [ben])
    const reader = await follow(ann)
    await reader.until(() => reader.id !== '', 'an id')
    const [memberships, vector] = reader.id.split('~')
    const foreign = await follow(ben, '', { lastEventId: `${reader.id}` })
    await foreign.until(() => foreign.of('state').length === 1, 'the room')
    const other = await follow(ann, '', { lastEventId: `${memberships}~${vector}~1-abc.def.1` })
    await other.until(() => other.of('state').length === 1, 'the room')
    expect(other.of('result').flatMap(({ data }) => ('mode' in data ? [data] : []))).toMatchObject([
      { room, mode: 'snapshot', reset: true },
    ])
    await app.chat.membership.remove({ id: room }, ann, ben.id)
    const outsider = await follow(ben, '', { lastEventId: foreign.id })
    await outsider.until(() => outsider.id !== '', 'the stream to begin')
    expect(outsider.frames.filter((frame) => 'room' in frame)).toEqual([])
    expect(outsider.of('result')).toMatchObject([
      { id: 'memberships', data: { memberships: [{ change: 'removed' }] } },
    ])
  })
})
