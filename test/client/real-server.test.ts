import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test'
import type { Client, ClientOptions, SignedIn } from '../../src/client/index.ts'
import { memoryStorage, ParleyError, renewToken, signIn } from '../../src/client/index.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { until } from '../support/until.ts'
import { DAY_MS, hastyClock } from './support/hasty-clock.ts'
import { bodiesIn, type CutClient, cuttable, isLive, signUp } from './support/people.ts'

let app: TestApp
let alice: SignedIn
let bob: SignedIn
const clients: Client[] = []

beforeAll(async () => {
  app = await startApp({ PRESENCE_GRACE_MS: '0' })
  alice = await signUp(app.url, 'alice')
  bob = await signUp(app.url, 'bob')
})
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()))
})
afterAll(async () => {
  await app.close()
})

describe('two people', () => {
  test('talk, and see each other type, read, come and go', async () => {
    const [one, other] = [connect(alice).client, connect(bob).client]
    const { id } = await one.api.directs.open(bob.user.id)
    const [mine, theirs] = [one.room(id), other.room(id)]
    await Promise.all([mine.open(), theirs.open()])
    await until(() => theirs.getSnapshot().online?.has(alice.user.id), 'bob to see that alice is there')
    mine.typing(true)
    await until(() => theirs.getSnapshot().typing[0]?.id === alice.user.id, 'bob to see alice type')
    const sent = await mine.send('Hello, Bob!').done
    await until(() => bodiesIn(theirs)[0] === 'Hello, Bob!', 'bob to see the message')
    await until(() => theirs.getSnapshot().typing.length === 0, 'bob to see her stop')
    await until(() => mine.getSnapshot().pending.length === 0, 'alice to see it, too')
    expect(theirs.getSnapshot()).toMatchObject({ unread: 1, messages: [{ client_id: sent.client_id }] })
    expect(mine.getSnapshot().unread).toBe(0)
    const marks = () => mine.getSnapshot().members?.get(bob.user.id)
    await until(() => marks()?.delivered_seq === sent.seq, 'alice to see that it was delivered')
    expect(marks()?.read_seq).toBeLessThan(sent.seq)
    theirs.read()
    await until(() => marks()?.read_seq === sent.seq, 'alice to see that it was read')
    await until(() => theirs.getSnapshot().unread === 0, 'bob to have read it')
    await mine.edit(sent.seq, 'Hello, Robert!')
    await until(() => bodiesIn(theirs)[0] === 'Hello, Robert!', 'bob to see the change')
    await mine.delete(sent.seq)
    await until(() => theirs.getSnapshot().messages[0]?.deleted_at, 'bob to see the tombstone')
    await other.close()
    await until(() => !mine.getSnapshot().online?.has(bob.user.id), 'alice to see bob go')
    expect(mine.getSnapshot().room?.other).toMatchObject({ id: bob.user.id, online: false })
  })

  test('each hear of rooms that they have not opened', async () => {
    const [one, other] = [connect(alice).client, connect(bob).client]
    await Promise.all([isLive(one), isLive(other)])
    const heard: string[] = []
    other.on('membership', ({ change }) => heard.push(change))
    // What happens before the list has begun is in the list, and not told.
    other.rooms.subscribe(() => undefined)
    await until(() => other.rooms.getSnapshot().complete, 'the list of rooms')
    const room = await privateRoom(one)
    await until(() => heard[0] === 'invited', 'the invitation')
    await other.api.rooms.join(room)
    await until(() => heard[1] === 'joined', 'the word of having joined')
    const view = other.room(room)
    await view.open()
    await one.api.members.remove(room, bob.user.id)
    await until(() => view.getSnapshot().status === 'ended', 'the end')
    await until(() => view.getSnapshot().ended?.reason === 'removed', 'the reason')
    expect(heard[2]).toBe('removed')
    await expect(view.open()).rejects.toMatchObject({ code: 'not_found' })
    await expect(view.send('still there?').done).rejects.toBeInstanceOf(ParleyError)
    const own = one.room(room)
    await own.open()
    await one.api.rooms.delete(room)
    await until(() => own.getSnapshot().ended?.reason === 'room_deleted', 'the end of the room')
  })
})

describe('the list of rooms', () => {
  test('shows a client that was away what happened to its memberships, and tells it once', async () => {
    const owner = connect(alice).client
    const { user, token } = await signUp(app.url)
    const { client } = connect({ token })
    const told: (string | number)[][] = []
    client.on('membership', ({ change, room }) => told.push([change, room]))
    client.rooms.subscribe(() => undefined)
    const rooms: number[] = []
    for (let i = 0; i < 4; i++) rooms.push(await privateRoom(owner, user.id))
    const [kept = 0, left = 0, deleted = 0, waiting = 0] = rooms
    for (const room of [kept, left, deleted]) await client.api.rooms.join(room)
    await until(() => isListed(client, [kept, left, deleted], [waiting]), 'the first list')
    told.length = 0

    client.disconnect()
    await owner.api.members.remove(left, user.id)
    await owner.api.rooms.delete(deleted)
    await owner.api.rooms.delete(waiting)
    const invited = await privateRoom(owner, user.id)
    const direct = (await owner.api.directs.open(user.id)).id
    await owner.api.members.setRole(kept, user.id, 'admin')
    client.connect()
    await until(() => isListed(client, [kept, direct], [invited]), 'the list as it is now')
    expect(client.rooms.getSnapshot().rooms.map(({ role }) => role)).toEqual(['admin', 'member'])
    expect(told).toEqual([
      ['removed', left],
      ['room_deleted', deleted],
      ['room_deleted', waiting],
      ['invited', invited],
      ['joined', direct],
      ['role', kept],
    ])

    await owner.api.rooms.delete(invited)
    await client.api.rooms.leave(kept)
    await until(() => isListed(client, [direct], []), 'the list without them')
    expect(told.slice(6)).toEqual([
      ['room_deleted', invited],
      ['left', kept],
    ])
  })
})

describe('the event `membership`', () => {
  test('tells what happens from when the list of rooms has begun, and nothing from before', async () => {
    const owner = connect(alice).client
    const { user, token } = await signUp(app.url)
    const { client } = connect({ token })
    await isLive(client)
    const before = await privateRoom(owner, user.id)
    const told: number[] = []
    const listen = () => client.on('membership', ({ room }) => void told.push(room))
    const stops = [listen(), client.rooms.subscribe(() => undefined)]
    await until(() => isListed(client, [], [before]), 'the first list')
    const next = await privateRoom(owner, user.id)
    await until(() => isListed(client, [], [before, next]), 'the list with the next invitation')
    expect(told).toEqual([next])

    for (const stop of stops) stop()
    const missed = await privateRoom(owner, user.id)
    listen()
    await until(() => told.length === 2, 'what was missed while nobody listened')
    const last = await privateRoom(owner, user.id)
    await until(() => told.length === 3, 'the last invitation')
    expect(told).toEqual([next, missed, last])
  })
})

describe('a connection that is cut', () => {
  test('is gone on with where it was, however much was missed', async () => {
    const { client, cut, opened } = connect(bob)
    const room = await publicRoom()
    const view = client.room(room)
    await view.open()
    const others = connect(alice).client.room(room)
    for (const count of [3, 300]) {
      const before = view.getSnapshot().messages.length
      const sockets = opened()
      client.disconnect()
      const sends = Array.from({ length: count }, (_, i) => others.send(`${count}: ${i}`).done)
      await Promise.all(sends)
      client.connect()
      await until(() => view.getSnapshot().messages.length === before + count, 'what was missed')
      await isLive(client)
      expect(opened()).toBe(sockets + 1)
    }
    cut()
    await others.send('the last').done
    await until(() => bodiesIn(view).at(-1) === 'the last', 'the last message')
    expect(bodiesIn(view)).toEqual([
      ...Array.from({ length: 3 }, (_, i) => `3: ${i}`),
      ...Array.from({ length: 300 }, (_, i) => `300: ${i}`),
      'the last',
    ])
    await until(() => view.getSnapshot().unread === 304, 'the unread messages to be right')
  })

  test('again and again loses nothing, doubles nothing, and keeps the order', async () => {
    const room = await publicRoom()
    const talkers = [connect(alice), connect(bob)]
    const views = talkers.map(({ client }) => client.room(room))
    await Promise.all(views.map((view) => view.open()))
    const handles = views.map((view, who) => Array.from({ length: 100 }, (_, i) => view.send(`${who} ${i}`)))
    const done = Promise.all(handles.flat().map((handle) => handle.done))
    let open = true
    void done.finally(() => {
      open = false
    })
    for (let i = 0; i < 20 && open; i++) {
      const talker = talkers[i % 2]
      const before = talker?.client.room(room).getSnapshot().position ?? 0
      talker?.cut()
      await until(
        () => !open || (talker?.client.room(room).getSnapshot().position ?? 0) > before,
        'the conversation to go on',
      )
    }
    await done
    for (const view of views) {
      await until(() => view.getSnapshot().messages.length === 200, 'all messages')
      await until(() => view.getSnapshot().status === 'live', 'the view to be live')
      for (const who of [0, 1]) {
        const own = bodiesIn(view).filter((body) => body.startsWith(`${who} `))
        expect(own).toEqual(Array.from({ length: 100 }, (_, i) => `${who} ${i}`))
      }
      expect(view.getSnapshot().pending).toEqual([])
      await until(() => view.getSnapshot().unread === 100, 'the unread messages to be right')
    }
    expect(views[0]?.getSnapshot().messages).toEqual(views[1]?.getSnapshot().messages)
  })
})

describe('a server that stops', () => {
  test('and starts again gets what was written meanwhile, also by a program that was started since', async () => {
    let server = await startApp()
    const { url, databaseUrl } = server
    const signedIn = await signUp(url)
    const storage = memoryStorage()
    const first = connect(signedIn, { url, storage })
    const { id } = await first.client.api.rooms.create({
      name: `outbox ${crypto.randomUUID()}`,
      kind: 'public',
    })
    await first.client.room(id).open()
    const went = until(() => first.client.status === 'offline', 'the client to be told')
    await Promise.all([server.close(), went])
    first.client.room(id).send('one')
    first.client.room(id).send('two')
    await first.client.close()
    const second = connect(signedIn, { url, storage })
    const third = second.client.room(id).send('three')
    server = await startApp({ DATABASE_URL: databaseUrl, PORT: new URL(url).port })
    await third.done
    await second.client.room(id).open()
    expect(bodiesIn(second.client.room(id))).toEqual(['one', 'two', 'three'])
    await second.client.close()
    await server.close()
  })
})

describe('a token', () => {
  test('is renewed in place: the end of the one before is not the end of the connection', async () => {
    const { token: first } = await signUp(app.url)
    const tokens = [first]
    const clock = hastyClock()
    const renewed: CutClient = connect(
      { token: first },
      {
        clock,
        token: async () => {
          if (clock.passed() === 0) return first
          if (tokens.length === 1) tokens.push((await renewToken(app.url, first)).token)
          return tokens.at(-1) ?? first
        },
      },
    )
    const witness = connect({ token: first })
    await Promise.all([isLive(renewed.client), isLive(witness.client)])
    await until(() => {
      clock.hurry()
      return clock.passed() > 80 * DAY_MS
    }, 'almost all of the time that the token has')
    await until(() => tokens.length === 2 && clock.waiting() === 1, 'another token, and the wait for its end')
    const { items } = await renewed.client.api.me.tokens()
    const old = items.find(({ current }) => !current)
    await renewed.client.api.me.revokeToken(old?.id ?? '')
    await until(() => witness.client.status === 'stopped', 'the end of the first token')
    expect(renewed.client.status).toBe('live')
    expect(renewed.opened()).toBe(1)
  })

  test('that has ended is replaced by another one, and at last by signing in', async () => {
    const { user, token: first } = await signUp(app.url)
    let token = first
    const { client, opened } = connect({ token }, { token: () => token })
    await isLive(client)
    token = (await client.api.me.issueToken()).token
    const { items } = await client.api.me.tokens()
    await client.api.me.revokeToken(items.find(({ current }) => !current)?.id ?? '')
    await until(() => opened() === 2, 'the second connection')
    await isLive(client)
    await client.api.me.revokeToken('current')
    await until(() => client.status === 'stopped', 'the client to stop')
    expect(client.getSnapshot().stopped).toMatchObject({ reason: 'unauthenticated' })
    const again = await signIn(app.url, { username: user.username, password: 'correct horse battery staple' })
    token = again.token
    client.connect()
    await isLive(client)
  })

  test('that is wrong is told at once', async () => {
    const { client } = connect({ token: '0'.repeat(40) })
    await until(() => client.status === 'stopped', 'the client to stop')
    expect(client.getSnapshot().stopped?.reason).toBe('unauthenticated')
    await expect(client.api.me.get()).rejects.toMatchObject({ code: 'unauthenticated', retryable: false })
  })
})

function connect({ token }: { token: string }, options: Partial<ClientOptions> = {}): CutClient {
  const made = cuttable(options.url ?? app.url, options.token ?? token, options)
  clients.push(made.client)
  return made
}

/** A room with both of them. */
async function publicRoom(): Promise<number> {
  const [one, other] = [connect(alice).client, connect(bob).client]
  const { id } = await one.api.rooms.create({ name: `room ${crypto.randomUUID()}`, kind: 'public' })
  await other.api.rooms.join(id)
  await Promise.all([one.close(), other.close()])
  return id
}

/** A room of alice's to which bob is invited. */
function isListed(client: Client, rooms: readonly number[], invitations: readonly number[]): boolean {
  const snapshot = client.rooms.getSnapshot()
  const ids = (of: readonly { id: number }[]) => of.map(({ id }) => id).join()
  return (
    snapshot.complete &&
    ids(snapshot.rooms) === rooms.join() &&
    ids(snapshot.invitations) === invitations.join()
  )
}

async function privateRoom(client: Client, invited = bob.user.id): Promise<number> {
  const room = await client.api.rooms.create({
    name: `room ${crypto.randomUUID()}`,
    kind: 'private',
    invited: [invited],
  })
  return room.id
}
