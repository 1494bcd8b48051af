// The client without a WebSocket: the same rooms over server-sent events and long polls, and the way from one to the other.
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test'
import {
  type Client,
  type ClientOptions,
  createClient,
  type RoomView,
  type SignedIn,
} from '../../src/client/index.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { until } from '../support/until.ts'
import { startMeanProxy } from './support/mean-proxy.ts'
import { bodiesIn, signUp } from './support/people.ts'
import { quickClock } from './support/quick-clock.ts'

let app: TestApp
let alice: SignedIn
let bob: SignedIn
const clients: Client[] = []

beforeAll(async () => {
  app = await startApp({ PRESENCE_GRACE_MS: '1000' })
  alice = await signUp(app.url, 'alice')
  bob = await signUp(app.url, 'bob')
})
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()))
})
afterAll(() => app.close())

function connect(who: SignedIn, options: Partial<ClientOptions> = {}): Client {
  const client = createClient({
    url: app.url,
    token: who.token,
    network: null,
    random: () => 0.01,
    ...options,
  })
  clients.push(client)
  return client
}

const isLive = (client: Client) => until(() => client.status === 'live', 'the client to be live')
const shown = (view: RoomView) => view.getSnapshot().messages.map(({ seq }) => seq)

describe.each(['events', 'poll'] as const)('over %s', (transport) => {
  const options = { transports: [transport] }

  test('two people talk, and see what each other does', async () => {
    const [one, other] = [connect(alice, options), connect(bob, options)]
    const { id } = await one.api.rooms.create({ name: crypto.randomUUID(), kind: 'public' })
    await other.api.rooms.join(id)
    const [mine, theirs] = [one.room(id), other.room(id)]
    await Promise.all([mine.open(), theirs.open()])
    expect([one.transport, other.transport]).toEqual([transport, transport])
    const sent = await mine.send('Hello, Bob!').done
    await until(() => bodiesIn(theirs)[0] === 'Hello, Bob!', 'bob to see the message')
    await until(() => mine.getSnapshot().pending.length === 0, 'alice to see it, too')
    const marks = () => mine.getSnapshot().members?.get(bob.user.id)
    theirs.read()
    await until(() => theirs.getSnapshot().unread === 0, 'bob to have read it')
    await mine.edit(sent.seq, 'Hello, Robert!')
    await until(() => marks()?.read_seq === sent.seq, 'alice to see that it was read')
    await until(() => bodiesIn(theirs)[0] === 'Hello, Robert!', 'bob to see the change')
    await theirs.react(sent.seq, '👍', true)
    await until(() => mine.getSnapshot().messages[0]?.reactions?.length === 1, 'alice to see the reaction')
    await mine.delete(sent.seq)
    await until(() => theirs.getSnapshot().messages[0]?.deleted_at, 'bob to see the tombstone')
    await until(() => theirs.getSnapshot().online?.has(alice.user.id), 'bob to see that alice is there')
  })

  test('users save messages, mark them as unread, and say something to one member', async () => {
    const [one, other, device] = [connect(alice, options), connect(bob, options), connect(bob, options)]
    const { id } = await one.api.rooms.create({ name: crypto.randomUUID(), kind: 'public' })
    await other.api.rooms.join(id)
    const view = other.room(id)
    await view.open()
    for (const each of [other, device]) each.own.follow()
    const { seq } = await one.room(id).send('Keep this').done
    view.read(seq)
    await until(() => view.getSnapshot().readSeq === seq, 'bob to have read it')
    expect(await other.own.save(id, seq, true)).toMatchObject({ room: id, seq, saved: true })
    await until(() => device.own.getSnapshot().saved.get(id)?.has(seq), "bob's other device to show it")
    expect(await other.own.save(id, seq, false)).toMatchObject({ saved: false })
    await until(
      () => !device.own.getSnapshot().saved.get(id)?.has(seq),
      "bob's other device to show it no more",
    )
    expect(await view.markUnread(seq)).toMatchObject({ room: id, read_seq: seq - 1, unread: 1 })
    await until(() => view.getSnapshot().unread === 1, 'bob to have it unread')
    expect(await view.tell(alice.user.id, 'psst')).toMatchObject({ room: id, user: alice.user.id })
  })

  test('rooms that are opened later go along with those that are open, and many talk at once', async () => {
    const [one, other] = [connect(alice, options), connect(bob, { transports: ['socket'] })]
    const ids: number[] = []
    for (let n = 0; n < 4; n++) {
      const { id } = await one.api.rooms.create({ name: crypto.randomUUID(), kind: 'public' })
      await other.api.rooms.join(id)
      ids.push(id)
    }
    const handles: Promise<unknown>[] = []
    for (const id of ids) {
      await one.room(id).open()
      for (const each of ids) handles.push(other.room(each).send(`to ${each}`).done)
    }
    await Promise.all(handles)
    const theirs = ids.map((id) => other.room(id))
    await Promise.all(theirs.map((view) => view.open()))
    for (const [index, id] of ids.entries()) {
      const [mine, their] = [one.room(id), theirs[index] ?? one.room(id)]
      await until(() => shown(mine).length === 4, 'all messages')
      expect(shown(mine)).toEqual(shown(their))
    }
  })

  test('the list of rooms follows invitations, and a removal ends the view', async () => {
    const [one, other] = [connect(alice, options), connect(bob, options)]
    const heard: string[] = []
    other.on('membership', ({ change }) => heard.push(change))
    other.rooms.subscribe(() => undefined)
    await until(() => other.rooms.getSnapshot().complete, 'the list')
    const { id } = await one.api.rooms.create({
      name: crypto.randomUUID(),
      kind: 'private',
      invited: [bob.user.id],
    })
    await until(() => other.rooms.getSnapshot().invitations.some((room) => room.id === id), 'the invitation')
    await other.api.rooms.join(id)
    await until(() => other.rooms.getSnapshot().rooms.some((room) => room.id === id), 'the room')
    const view = other.room(id)
    await view.open()
    await one.api.members.remove(id, bob.user.id)
    await until(() => view.getSnapshot().status === 'ended', 'the end')
    await until(() => !other.rooms.getSnapshot().rooms.some((room) => room.id === id), 'the room to be gone')
    expect(heard).toEqual(['invited', 'joined', 'removed'])
  })

  test('a token that the server does not know stops the client', async () => {
    const client = connect(alice, { ...options, token: 'f'.repeat(40) })
    await until(() => client.status === 'stopped', 'the client to stop')
    expect(client.getSnapshot().stopped?.reason).toBe('unauthenticated')
  })
})

describe('a proxy', () => {
  test.each(['refuses', 'hangs'] as const)(
    'that %s upgrades is got round, and back again, without gap or duplicate',
    async (how) => {
      const proxy = startMeanProxy(app.url, how)
      const clock = quickClock(how === 'hangs' ? 20 : 10)
      const client = connect(alice, { url: proxy.url, clock, timeoutMs: 4000 })
      const { id } = await client.api.rooms.create({ name: crypto.randomUUID(), kind: 'public' })
      const applied: number[] = []
      client.on('event', (event) => void (event.room === id && applied.push(event.seq)))
      const view = client.room(id)
      view.open().catch(() => undefined)
      await until(
        () => client.status === 'live' && client.transport === 'events',
        'the client to be live by events',
      )
      expect(client.getSnapshot().obstacle).toBeNull()
      const talker = connect(bob, { transports: ['socket'] })
      await talker.api.rooms.join(id)
      let isOver = false
      const talk = async () => {
        for (let n = 0; !isOver; n++) {
          await Promise.all([talker.room(id).send(`b${n}`).done, view.send(`a${n}`).done])
          await Bun.sleep(1)
        }
      }
      const talking = talk()
      proxy.mend()
      await until(() => client.transport === 'socket', 'the client to move back')
      await isLive(client)
      isOver = true
      await talking
      const { head } = await client.api.rooms.get(id)
      await until(() => (view.getSnapshot().position ?? 0) >= head, 'everything')
      expect(applied).toEqual(
        Array.from({ length: head - (applied[0] ?? 0) + 1 }, (_, n) => n + (applied[0] ?? 0)),
      )
      const bodies = bodiesIn(view)
      expect(new Set(bodies).size).toBe(bodies.length)
      await proxy.stop()
    },
  )

  test('that holds answers back until they are whole is got round by polls', async () => {
    const proxy = startMeanProxy(app.url, 'buffers')
    const client = connect(alice, { url: proxy.url, clock: quickClock(20), timeoutMs: 4000 })
    const { id } = await client.api.rooms.create({ name: crypto.randomUUID(), kind: 'public' })
    const view = client.room(id)
    view.open().catch(() => undefined)
    await until(
      () => client.transport === 'poll' && client.status === 'live',
      'the client to be live by polls',
    )
    await view.send('hello').done
    await until(() => bodiesIn(view).length === 1, 'the message')
    await proxy.stop()
  })
})
