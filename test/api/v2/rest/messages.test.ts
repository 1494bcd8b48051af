import { afterAll, beforeAll, beforeEach, describe, expect, spyOn, test } from 'bun:test'
import { ChangesPage, Message, MessagePage, Room } from '../../../../src/api/v2/wire/index.ts'
import { startApp, type TestApp } from '../../../support/app.ts'
import { ask } from '../../support/rest.ts'
import { makeDirect, makeRoom, type Person, person } from '../support/people.ts'
import { bodyOf, call, expectProblem, get } from './support/client.ts'

let app: TestApp
let owner: Person
let member: Person
let outsider: Person
let room: number

beforeAll(async () => {
  app = await startApp()
})
beforeEach(async () => {
  owner = await person(app, 'owner')
  member = await person(app, 'member')
  outsider = await person(app, 'outsider')
  room = await makeRoom(app, owner, [member])
})
afterAll(() => app.close())

function send(who: Person, json: object, key?: string, to = room) {
  const headers: Record<string, string> = key === undefined ? {} : { 'Idempotency-Key': key }
  return call(app, who, 'POST', `/rooms/${to}/messages`, json, headers)
}

async function sent(who: Person, json: object, key?: string): Promise<Message> {
  return bodyOf(await send(who, json, key), 201, Message)
}

const edit = (who: Person, seq: number, body: unknown) =>
  call(app, who, 'PATCH', `/rooms/${room}/messages/${seq}`, { body })
const remove = (who: Person, seq: number) => call(app, who, 'DELETE', `/rooms/${room}/messages/${seq}`)

async function count(): Promise<number> {
  return (await get(app, owner, `/rooms/${room}/messages?limit=200`, MessagePage)).items.length
}

describe('sending', () => {
  test('responds with the message as everyone sees it', async () => {
    const first = await sent(owner, { body: 'Hello, World!' })
    const { head } = await get(app, owner, `/rooms/${room}`, Room)
    expect(first).toMatchObject({
      room,
      seq: head,
      version: null,
      kind: 'text',
      body: 'Hello, World!',
      reply_to: null,
    })
    expect(first).toMatchObject({
      sender: { id: owner.id, username: owner.username },
      edited_at: null,
      deleted_at: null,
    })
    const reply = await sent(member, { body: ' 😀\n', kind: 'shout', reply_to: first.seq })
    expect(reply).toMatchObject({ seq: head + 1, kind: 'shout', body: ' 😀\n', reply_to: first.seq })
    for (const message of [first, reply]) {
      const { thread, ...found } = await get(app, member, `/rooms/${room}/messages/${message.seq}`, Message)
      expect(found).toEqual(message)
      expect(thread?.replies).toBe(message === first ? 1 : undefined)
    }
  })

  test('takes only the documented fields from the body', async () => {
    const extra = {
      id: 4_000_000,
      room: 1,
      seq: 4_000_000,
      version: 4_000_000,
      sender: { id: member.id, username: member.username },
      sender_id: member.id,
      client_id: 'mine',
      created_at: '1970-01-01T00:00:00.000Z',
      edited_at: '1970-01-01T00:00:00.000Z',
      deleted_at: '1970-01-01T00:00:00.000Z',
    }
    const message = await sent(owner, { body: 'plain', ...extra })
    expect(message).toMatchObject({
      room,
      version: null,
      sender: { id: owner.id },
      edited_at: null,
      deleted_at: null,
    })
    expect([message.id, message.seq]).not.toContain(4_000_000)
    expect(message.client_id).not.toBe('mine')
    expect(message.created_at > '2000').toBe(true)
    const edited = bodyOf(
      await call(app, owner, 'PATCH', `/rooms/${room}/messages/${message.seq}`, { ...extra, body: 'x' }),
      200,
      Message,
    )
    expect(edited).toEqual({ ...message, body: 'x', version: edited.version, edited_at: edited.edited_at })
  })

  test('names the field that is refused', async () => {
    const bad = [
      [{}, 'body'],
      [{ body: 7 }, 'body'],
      [{ body: '' }, 'body'],
      [{ body: ' \n' }, 'body'],
      [{ body: 'a\0b' }, 'body'],
      [{ body: '\ud800' }, 'body'],
      [{ body: 'x'.repeat(4001) }, 'body'],
      [{ body: 'x', kind: 'Loud' }, 'kind'],
      [{ body: 'x', kind: 'system' }, 'kind'],
      [{ body: 'x', kind: 1 }, 'kind'],
      [{ body: 'x', reply_to: -1 }, 'reply_to'],
      [{ body: 'x', reply_to: '1' }, 'reply_to'],
      [{ body: 'x', reply_to: 2 ** 53 }, 'reply_to'],
      [{ body: 'x', reply_to: 0 }, 'reply_to'],
      [{ body: 'x', reply_to: 1 }, 'reply_to'],
      [{ body: 'x', reply_to: 2 ** 52 }, 'reply_to'],
    ] as const
    for (const [json, field] of bad) {
      const { detail } = expectProblem(await send(owner, json), 400, 'invalid', { field })
      expect(detail).toStartWith(field)
    }
    expect(await count()).toBe(0)
  })

  test('is for members: it joins nobody to the room, and does not reveal hidden rooms', async () => {
    expectProblem(await send(outsider, { body: 'let me in' }), 404, 'not_found', { detail: 'Room not found' })
    const open = await makeRoom(app, owner, [], 'public')
    expectProblem(await send(outsider, { body: 'let me in' }, undefined, open), 403, 'forbidden')
    expect((await get(app, outsider, `/rooms/${open}`, Room)).role).toBeNull()
    const direct = await makeDirect(app, owner, member)
    expectProblem(await send(outsider, { body: 'let me in' }, undefined, direct), 404, 'not_found')
    expectProblem(await send(outsider, { body: 'let me in' }, undefined, 987_654_321), 404, 'not_found')
  })

  test('reads the sender’s membership only if the database refuses the message', async () => {
    const asked = spyOn(app.chat.rooms, 'visible')
    try {
      await sent(owner, { body: 'quick' })
      expect(asked).not.toHaveBeenCalled()
      await send(outsider, { body: 'let me in' })
      expect(asked).toHaveBeenCalledTimes(1)
    } finally {
      asked.mockRestore()
    }
  })

  test('is limited, and the error gives the time to wait', async () => {
    const strict = await startApp({ RATE_MESSAGES_PER_SECOND: '1', RATE_MESSAGES_BURST: '3' })
    const eager = await person(strict)
    const id = await makeRoom(strict, eager)
    const path = `/rooms/${id}/messages`
    const first = bodyOf(await call(strict, eager, 'POST', path, { body: 'one' }), 201, Message)
    // Revisions are of the same budget.
    const at = `${path}/${first.seq}`
    bodyOf(await call(strict, eager, 'PATCH', at, { body: 'two' }), 200, Message)
    bodyOf(await call(strict, eager, 'DELETE', at), 200, Message)
    const refused = await call(strict, eager, 'POST', path, { body: 'four' })
    const { retry_after_ms } = expectProblem(refused, 429, 'rate_limited')
    expect(retry_after_ms).toBeGreaterThan(0)
    expect(retry_after_ms).toBeLessThanOrEqual(1000)
    expect(refused.headers.get('retry-after')).toBe('1')
    await strict.close()
  })
})

describe('an idempotency key', () => {
  test('makes one message of many requests, even after later messages', async () => {
    const first = await sent(owner, { body: 'once' }, 'key-1')
    expect(first.client_id).toBe('key-1')
    expect(await sent(owner, { body: 'once' }, 'key-1')).toEqual(first)
    expect(await sent(owner, { body: 'something else' }, 'key-1')).toEqual(first)
    expect(await count()).toBe(1)
  })

  test('makes one message of twenty simultaneous requests', async () => {
    const all = await Promise.all(Array.from({ length: 20 }, () => sent(owner, { body: 'once' }, 'key-20')))
    for (const message of all) expect(message).toEqual(all[0] ?? expect.unreachable())
    expect(await count()).toBe(1)
  })

  test('is scoped to its sender', async () => {
    const [mine, theirs] = [
      await sent(owner, { body: 'a' }, 'same'),
      await sent(member, { body: 'b' }, 'same'),
    ]
    expect(mine.id).not.toBe(theirs.id)
  })

  test('returns the message in its current form', async () => {
    const { seq } = await sent(owner, { body: 'before' }, 'key-e')
    const edited = bodyOf(await edit(owner, seq, 'after'), 200, Message)
    expect(await sent(owner, { body: 'before' }, 'key-e')).toEqual(edited)
  })

  test('belongs to one room', async () => {
    await sent(owner, { body: 'here' }, 'key-2')
    const other = await makeRoom(app, owner)
    expectProblem(await send(owner, { body: 'here' }, 'key-2', other), 409, 'conflict')
  })

  test('has 1 to 128 characters', async () => {
    const longest = 'k'.repeat(128)
    expect((await sent(owner, { body: 'long' }, longest)).client_id).toBe(longest)
    for (const key of ['', `${longest}k`]) {
      const problem = expectProblem(await send(owner, { body: 'x' }, key), 400, 'invalid')
      expect(problem.field).toBe('Idempotency-Key')
      expect(problem.detail).toStartWith('Idempotency-Key ')
    }
  })
})

describe('a message', () => {
  test('is edited by its sender', async () => {
    const message = await sent(owner, { body: 'before' })
    const edited = bodyOf(await edit(owner, message.seq, 'after'), 200, Message)
    expect(edited).toMatchObject({
      ...message,
      body: 'after',
      version: message.seq + 1,
      edited_at: expect.any(String),
    })
    expectProblem(await edit(member, message.seq, 'mine'), 403, 'forbidden')
    expectProblem(await edit(outsider, message.seq, 'mine'), 404, 'not_found')
    for (const body of ['', ' ', 'x'.repeat(4001), 7, null]) {
      const { detail } = expectProblem(await edit(owner, message.seq, body), 400, 'invalid', {
        field: 'body',
      })
      expect(detail).toStartWith('body')
    }
    expect(await get(app, member, `/rooms/${room}/messages/${message.seq}`, Message)).toEqual(edited)
  })

  test('is deleted by its sender or the staff, and leaves a tombstone', async () => {
    const [mine, theirs] = [await sent(member, { body: 'one' }), await sent(owner, { body: 'two' })]
    expectProblem(await remove(member, theirs.seq), 403, 'forbidden')
    expectProblem(await remove(outsider, theirs.seq), 404, 'not_found')
    const tombstone = bodyOf(await remove(owner, mine.seq), 200, Message)
    expect(tombstone).toMatchObject({
      seq: mine.seq,
      body: '',
      version: theirs.seq + 1,
      deleted_at: expect.any(String),
    })
    expect(await get(app, member, `/rooms/${room}/messages/${mine.seq}`, Message)).toEqual(tombstone)
    for (const again of [await remove(owner, mine.seq), await edit(member, mine.seq, 'back')]) {
      expectProblem(again, 404, 'not_found', { detail: 'Message not found' })
    }
    const { items } = await get(app, member, `/rooms/${room}/changes?after=${theirs.seq}`, ChangesPage)
    expect(items).toEqual([{ type: 'deleted', room, seq: theirs.seq + 1, message: tombstone }])
  })

  test('has no number in its metadata that would come back as another one', async () => {
    const { seq } = await sent(owner, { body: 'x' })
    const places = [
      ['POST', `/rooms/${room}/messages`, '"body":"x",'],
      ['POST', `/rooms/${room}/ephemeral`, `"user":${member.id},"body":"x",`],
      ['PATCH', `/rooms/${room}/messages/${seq}`, ''],
      ['PATCH', `/rooms/${room}`, ''],
      ['PATCH', '/me', ''],
    ] as const
    const attempt = ([method, path, rest]: (typeof places)[number], number: string) =>
      ask(method, `${app.url}/api/v2${path}`, {
        body: `{${rest}"metadata":{"a":[${number}]}}`,
        token: owner.token,
      })
    for (const place of places) {
      for (const number of ['1e400', '-1e400', '9007199254740992', '-9007199254740993', '1e21']) {
        const problem = expectProblem(await attempt(place, number), 400, 'invalid', { field: 'metadata' })
        expect(problem.detail).toStartWith('metadata must have no numbers beyond ±(2^53 - 1)')
      }
      expect((await attempt(place, '9007199254740991')).status).toBeLessThan(300)
    }
    const { metadata } = await get(app, owner, `/rooms/${room}/messages/${seq}`, Message)
    expect(metadata).toEqual({ a: [Number.MAX_SAFE_INTEGER] })
  })

  test('that does not exist is not found, also if the number is that of a membership', async () => {
    const { seq } = await sent(owner, { body: 'only one' })
    for (const at of ['0', '1', `${seq + 1}`, '9007199254740991', '9007199254740993', '-1', 'x', '1.5']) {
      expectProblem(await call(app, owner, 'GET', `/rooms/${room}/messages/${at}`), 404, 'not_found')
      expectProblem(await call(app, owner, 'DELETE', `/rooms/${room}/messages/${at}`), 404, 'not_found')
    }
  })
})
