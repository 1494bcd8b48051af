import { afterAll, beforeAll, expect, test } from 'bun:test'
import postgres, { type Sql } from 'postgres'
import { startApp, type TestApp } from '../../../support/app.ts'
import { type PostgresServer, startPostgres } from '../../../support/postgres-server.ts'
import { makeRoom, type Person, person, say } from '../support/people.ts'
import { enter } from '../support/rooms.ts'
import { connect, V2Client } from '../support/v2-client.ts'

const CLIENTS = 200
/** Two that go at once, one for all that have gathered by then; and after these answers as many again, at most. */
const MOST_A_QUESTION = 9
/** Questions that are put for each client: whose token it is, whether they are a member, and how the room is for them. */
const QUESTIONS = 3
/** What the server asks by itself now and then, and tells of who is online. */
const BESIDES = 20

let server: PostgresServer
let app: TestApp
/** Holds tables, so that what is asked of them gathers for as long as it takes. */
let holder: Sql

beforeAll(async () => {
  server = await startPostgres({ log_statement: 'all' })
  const databaseUrl = await server.createDatabase()
  app = await startApp({ DATABASE_URL: databaseUrl })
  holder = postgres(databaseUrl, { max: 1 })
})

afterAll(async () => {
  await app.close()
  await holder.end()
  await server.remove()
})

test('clients that return to a room at once, while its tail is in memory, cause few statements, however many there are', async () => {
  const owner = await person(app, 'owner')
  const people = await Promise.all(Array.from({ length: CLIENTS }, () => person(app)))
  const room = await makeRoom(app, owner, people, 'public')
  // Somebody hears the room all the time, so that its latest changes are in memory.
  const witness = await connect(app, owner)
  await enter(witness, room)
  const after = await say(app, room, owner, 'before they went')
  const head = await say(app, room, owner, 'while they were gone')
  const clients = await Promise.all(people.map(openNameless))
  const before = statements()

  await whileHeld('tokens', () => allSaid(clients, (client, i) => client.askAs(auth(present(people[i])))))
  await Promise.all(clients.map((client) => client.heard('result', ({ id }) => id === 'auth')))

  await whileHeld('members', () =>
    allSaid(clients, (client) => client.askAs({ type: 'subscribe', id: 'room', room, after })),
  )
  for (const client of clients) {
    const answer = await client.heard('result', ({ id }) => id === 'room')
    expect(answer.data).toEqual({ room, mode: 'live', head, snapshot: null })
    await client.heard('state')
    expect(client.positionIn(room)).toBe(head)
  }

  const caused = statements() - before
  expect(caused).toBeGreaterThanOrEqual(QUESTIONS)
  expect(caused).toBeLessThanOrEqual(QUESTIONS * MOST_A_QUESTION + BESIDES)
  await Promise.all([witness, ...clients].map((client) => client.close()))
})

async function openNameless(): Promise<V2Client> {
  const client = new V2Client(`${app.wsUrl}/api/v2/socket?identify=later`)
  await client.heard('hello')
  return client
}

function auth({ token }: Person) {
  return { type: 'auth', id: 'auth', token } as const
}

/** Resolves once the server has begun with what each has said: it answers what was said after it. */
async function allSaid(
  clients: readonly V2Client[],
  say: (client: V2Client, index: number) => void,
): Promise<void> {
  for (const [i, client] of clients.entries()) say(client, i)
  await Promise.all(clients.map((client) => client.settled()))
}

/** Nobody reads the table until `run` has ended. */
async function whileHeld(table: string, run: () => Promise<void>): Promise<void> {
  await holder.begin(async (sql) => {
    await sql`lock table ${sql(table)} in access exclusive mode`
    await run()
  })
}

/** That the database has executed so far, its own log says; without the look at the epoch, which comes with time alone. */
function statements(): number {
  return server.output().match(/LOG: {2}(execute|statement)(?!.*parley_beat)/g)?.length ?? 0
}

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('it is not there')
  return value
}
