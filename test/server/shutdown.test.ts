import { beforeAll, describe, expect, test } from 'bun:test'
import postgres from 'postgres'
import {
  type V1Client,
  type V1Message,
  type V1Room,
  type V1User,
  v1Client,
} from '../api/support/v1-client.ts'
import { TextFrame } from '../api/support/v1-shapes.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { createMigratedDatabase } from '../support/shared-postgres.ts'
import { until } from '../support/until.ts'
import { openRaw } from './support/raw-client.ts'
import { openRawWebSocket } from './support/raw-websocket.ts'

let databaseUrl: string

beforeAll(async () => {
  databaseUrl = await createMigratedDatabase()
})

describe('closing', () => {
  test('closes every client with 1012, and does not wait for those that do not answer or read', async () => {
    const { app, v1, room, user } = await start()
    const { socket } = await v1.join(room, user)
    const deaf = await openRawWebSocket(socketUrl(app, room, user))
    const stuck = await openRawWebSocket(socketUrl(app, room, user))
    const half = await openRaw(app.url)
    half.write('POST /api/v1/rooms HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n')
    stuck.pause()
    await app.close()
    expect(await socket.closed).toMatchObject({ code: 1012 })
    expect(await deaf.closeCode()).toBe(1012)
    await deaf.closed()
    for (const raw of [stuck, half, deaf]) raw.end()
  })

  test('is idempotent, works without connections, and frees the port', async () => {
    const { app } = await start()
    await Promise.all([app.close(), app.close()])
    await app.close()
    expect(await fetch(`${app.url}/healthz`).catch(() => 'refused')).toBe('refused')
    const { hostname, port } = new URL(app.url)
    Bun.listen({ hostname, port: Number(port), socket: { data: () => undefined } }).stop(true)
  })

  test('settles the sends under way: each has its response, and subscribers have the message', async () => {
    const { app, v1, room, user } = await start()
    const { socket } = await v1.join(room, user)
    const { sent, refused } = await withWritesHeld(async (blocker) => {
      const json = { content: 'post', user_id: user.id }
      const posts = Array.from({ length: 5 }, () => v1.call('POST', `/rooms/${room.id}/messages`, { json }))
      await blocker.somebodyWaits()
      const closing = app.close()
      expect(await Promise.race([closing.then(() => 'closed'), blocker.release().then(() => 'waits')])).toBe(
        'waits',
      )
      const answers = await Promise.all(posts)
      await closing
      return {
        sent: answers.filter(({ status }) => status === 200),
        refused: answers.filter(({ status }) => status !== 200),
      }
    })
    // Those that came after the stop are told so; none is left without an answer.
    expect(sent.length).toBeGreaterThan(0)
    for (const { text } of refused) expect(text).toContain('try again')
    expect((await socket.closed).code).toBe(1012)
    const heard = socket.frames.filter((frame) => JSON.stringify(frame).includes('"post"'))
    expect(heard).toHaveLength(sent.length)
    expect((await storedIn(room)).filter((body) => body === 'post')).toHaveLength(sent.length)
  })

  test('accepts no new connection meanwhile, and refuses requests over old ones', async () => {
    const { app, v1, room, user } = await start()
    const old = await openRaw(app.url)
    old.write('GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n')
    await until(() => old.received().includes('"ready"'), 'the first answer')
    await withWritesHeld(async (blocker) => {
      const post = v1.say(room, user, 'under way')
      await blocker.somebodyWaits()
      const closing = app.close()
      // Those that came before the port closes are accepted still.
      const refused = () =>
        fetch(`${app.url}/healthz`).then(
          () => false,
          () => true,
        )
      await until(refused, 'connections to be refused')
      old.write('GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n')
      await until(
        () => old.isClosed() || old.received().includes('"stopping"'),
        'the second answer, or the end',
      )
      expect(old.received().toString().split('"ready"')).toHaveLength(2)
      await blocker.release()
      await post
      await closing
    })
    old.end()
  })

  test('ends under load, and every delivered message is stored', async () => {
    const { app, v1, room } = await start()
    const talkers = await Promise.all(
      Array.from({ length: 4 }, async () => {
        const user = await v1.user()
        return { user, ...(await v1.join(room, user)) }
      }),
    )
    let stopped = false
    const talking = talkers.map(async ({ user, socket }) => {
      void socket.closed.then(() => {
        stopped = true
      })
      // The next burst goes out before the last one is back, so that there is no quiet moment to wait for.
      for (let n = 0; !stopped; n++) {
        for (let i = 0; i < 20; i++) socket.send({ type: 'text', content: `${n}.${i}`, user_id: user.id })
        const own = (frame: V1Message) => frame.user_id === user.id && frame.content === `${n - 1}.19`
        if (n > 0) await socket.nextWhere(TextFrame, own).catch(() => undefined)
      }
    })
    await until(() => talkers.every(({ socket }) => socket.frames.length > 300), 'them all to talk')
    await app.close()
    await Promise.all(talking)
    const stored = new Set(await storedIn(room))
    for (const { socket } of talkers) {
      expect((await socket.closed).code).toBe(1012)
      const shown = socket.frames.flatMap(
        (frame) => /"content":"(\d+\.\d+)"/.exec(JSON.stringify(frame))?.[1] ?? [],
      )
      expect(shown.filter((content) => !stored.has(content))).toEqual([])
      expect(shown.length).toBeGreaterThan(0)
    }
  })

  test('leaves no connection to the database open', async () => {
    const { app, v1, room, user } = await start()
    await v1.say(room, user, 'hello')
    await app.close()
    const sql = postgres(databaseUrl, { max: 1 })
    await until(async () => {
      const [row] = await sql<{ count: number }[]>`
        select count(*)::int as count from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`
      return row?.count === 0
    }, 'the connections to end')
    await sql.end()
  })
})

async function start(): Promise<{ app: TestApp; v1: V1Client; room: V1Room; user: V1User }> {
  const app = await startApp({ DATABASE_URL: databaseUrl })
  const v1 = v1Client(app)
  return { app, v1, room: await v1.room(), user: await v1.user() }
}

function socketUrl(app: TestApp, room: V1Room, user: V1User): string {
  return `${app.wsUrl}/api/v1/ws/${room.id}/${user.id}`
}

interface Blocker {
  /** Resolves once a write waits for the release. */
  somebodyWaits(): Promise<unknown>
  release(): Promise<void>
}

/** While it runs, every write of messages is held, until it releases them or ends. */
async function withWritesHeld<T>(run: (blocker: Blocker) => Promise<T>): Promise<T> {
  const sql = postgres(databaseUrl, { max: 2 })
  const held = Promise.withResolvers<void>()
  const released = Promise.withResolvers<void>()
  const holding = sql.begin(async (transaction) => {
    await transaction`lock table messages in exclusive mode`
    held.resolve()
    await released.promise
  })
  await held.promise
  async function release(): Promise<void> {
    released.resolve()
    await holding
  }
  try {
    return await run({
      release,
      somebodyWaits: () =>
        until(async () => {
          const [row] = await sql<
            { count: number }[]
          >`select count(*)::int as count from pg_locks where not granted`
          return (row?.count ?? 0) > 0
        }, 'a write to wait'),
    })
  } finally {
    await release()
    await sql.end()
  }
}

async function storedIn(room: V1Room): Promise<string[]> {
  const sql = postgres(databaseUrl, { max: 1 })
  const rows = await sql<
    { body: string }[]
  >`select body from messages where room_id = ${room.id} order by seq`
  await sql.end()
  return rows.map(({ body }) => body)
}
