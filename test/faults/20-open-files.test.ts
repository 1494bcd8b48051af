// The process may have 150 files open, and far more clients come than that: who is connected is served, who is too many is
// refused or waits, the log says so, and all is as before once they have gone.
import { afterEach, beforeAll, expect, test } from 'bun:test'
import type { TestSocket } from '../api/support/socket.ts'
import { type V1Room, type V1User, v1Client } from '../api/support/v1-client.ts'
import { HistoryFrame, TextFrame } from '../api/support/v1-shapes.ts'
import { openRaw, type RawClient } from '../server/support/raw-client.ts'
import { type ParleyProcess, startParley } from '../support/parley-process.ts'
import type { PostgresServer } from '../support/postgres-server.ts'
import { sharedPostgres } from '../support/shared-postgres.ts'
import { until } from '../support/until.ts'

const OPEN_FILES = 150
const MANY = 180

let postgres: PostgresServer
let parley: ParleyProcess
let room: V1Room
let user: V1User
const raw: RawClient[] = []

beforeAll(async () => {
  postgres = await sharedPostgres()
})
afterEach(async () => {
  for (const client of raw.splice(0)) client.end()
  await parley.remove()
})

async function start(): Promise<void> {
  const env = {
    NODE_ENV: 'test',
    DATABASE_URL: await postgres.createDatabase(),
    RATE_REQUESTS_PER_MINUTE: '1000000',
  }
  parley = await startParley(env, undefined, OPEN_FILES)
  ;[room, user] = [await v1Client(parley).room(), await v1Client(parley).user()]
}

function open(): TestSocket {
  return v1Client(parley).open(room, user)
}

/** Two sockets of the room still hear each other. */
async function expectTalk(from: TestSocket, to: TestSocket): Promise<void> {
  const content = `word ${crypto.randomUUID()}`
  from.send({ type: 'text', content, user_id: user.id })
  await to.nextWhere(TextFrame, (frame) => frame.content === content)
}

function linesWith(text: string): string[] {
  return parley
    .output()
    .split('\n')
    .filter((line) => line.includes(text))
}

/** A new connection is accepted and answered. */
async function answers(): Promise<boolean> {
  const answer = await fetch(`${parley.url}/healthz`, { keepalive: false }).catch(() => null)
  return answer?.ok === true
}

/** Connections that stay, each after a request or without a word; those that are refused are left out. */
async function occupy(count: number, request: string): Promise<void> {
  for (let n = 0; n < count; n++) {
    const client = await openRaw(parley.url).catch(() => null)
    if (client === null) continue
    client.write(request)
    raw.push(client)
  }
}

test('with more sockets than allowed open files, those within the bound are served, the rest refused at once', async () => {
  await start()
  const [warning] = linesWith('MAX_CONNECTIONS')
  expect(warning).toContain(String(OPEN_FILES))

  const sockets = Array.from({ length: MANY }, open)
  const ends = await Promise.all(
    sockets.map((socket) =>
      socket.opened.then(
        () => socket,
        () => null,
      ),
    ),
  )
  const served = ends.filter((socket) => socket !== null)
  expect(served.length).toBeGreaterThan(OPEN_FILES / 3)
  expect(served.length).toBeLessThan(OPEN_FILES)
  expect(warning).toContain(String(served.length))
  for (const socket of served) await socket.next(HistoryFrame)
  const [first, last] = [served.at(0), served.at(-1)]
  if (first === undefined || last === undefined) throw new Error('nobody is served')
  await expectTalk(first, last)
  // A request over a connection of its own has room beside them, and so has the database.
  await until(answers, 'a new connection to be answered')
  expect((await fetch(`${parley.url}/readyz`)).status).toBe(200)
  // Once, however many were refused.
  expect(linesWith('sockets are refused')).toHaveLength(1)

  await Promise.all(served.map((socket) => socket.close()))
  await until(
    () => linesWith('new connections are accepted').length === 1,
    'the line that says that new connections are accepted',
    30_000,
  )
  await until(async () => {
    const socket = open()
    return await socket.opened.then(
      async () => (await socket.close()).code > 0,
      () => false,
    )
  }, 'a socket to be taken again')
})

test.each([
  ['have made a request', 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n'],
  ['say nothing', ''],
  ['say half of a request', 'GET /healthz HT'],
])(
  'with more connections than files that %s, sockets continue, and later new ones are accepted again',
  async (_, request) => {
    await start()
    const [one, other] = [open(), open()]
    await Promise.all([one.next(HistoryFrame), other.next(HistoryFrame)])

    await occupy(MANY, request)
    await until(() => linesWith('too many open files').length === 1, 'a line in the log')
    await expectTalk(one, other)
    // Either will do, but nobody waits: a listening socket without a file to accept with would keep the loop busy.
    await until(() => answers().then(() => true), 'a new connection to be answered or refused')
    await expectTalk(other, one)

    for (const client of raw.splice(0)) client.end()
    await until(answers, 'a new connection to be answered')
    await expectTalk(other, one)
  },
)
