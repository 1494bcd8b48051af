// The library against a real server whose database goes back to an earlier state: its views become what the database has.
import { afterAll, beforeAll, expect, test } from 'bun:test'
import postgres, { type Sql } from 'postgres'
import { type Client, createClient, type RoomView } from '../../src/client/index.ts'
import { makeRoom, person } from '../api/v2/support/people.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { until } from '../support/until.ts'
import { bodiesIn } from './support/people.ts'

let app: TestApp
let sql: Sql
let clients: Client[]
let views: RoomView[]
let room: number
/** What each client was told of the history last. */
const epochs: string[] = []

beforeAll(async () => {
  app = await startApp({ SOCKET_HEARTBEAT_MS: '200' })
  sql = postgres(app.databaseUrl, { max: 1 })
  const people = [await person(app, 'alice'), await person(app, 'bob')] as const
  room = await makeRoom(app, people[0], [people[1]])
  clients = people.map(({ token }, index) => {
    class Listening extends WebSocket {
      constructor(address: string) {
        super(address)
        this.addEventListener('message', ({ data }) => {
          const { epoch } = JSON.parse(String(data))
          if (typeof epoch === 'string') epochs[index] = epoch
        })
      }
    }
    return createClient({ url: app.url, token, network: null, WebSocket: Listening })
  })
  views = clients.map((client) => client.room(room))
  await Promise.all(views.map((view) => view.open()))
})
afterAll(async () => {
  await Promise.all(clients.map((client) => client.close()))
  await sql.end()
  await app.close()
})

test('what is gone goes, what is new comes, and what was not sent is sent once', async () => {
  const [alice, bob] = views
  if (alice === undefined || bob === undefined) throw new Error('there are two')
  for (const body of ['kept', 'lost', 'lost, too']) await alice.send(body).done
  await until(() => bodiesIn(bob).length === 3, 'bob to see all of it')
  // Each was told since that the history is safe up to here.
  const [sent] = await sql<{ at: string }[]>`select now()::text as at`
  const [beat] = await until(async () => {
    const rows = await sql<
      { beat: string }[]
    >`select beat::text from history_beats where at > ${sent?.at ?? ''}`
    return rows.length > 0 ? rows : null
  }, 'a beat')
  await until(
    () => epochs.length === 2 && epochs.every((epoch) => epoch.endsWith(`.${beat?.beat}`)),
    'heartbeats',
  )
  const [first] = clients
  first?.disconnect()
  const handle = alice.send('written meanwhile')

  await sql.begin(async (tx) => {
    await tx`update history_beats set beat = 1`
    await tx`delete from messages where room_id = ${room} and body like 'lost%'`
    await tx`update rooms set last_seq = last_seq - 2, message_count = message_count - 2 where id = ${room}`
  })
  await until(() => bodiesIn(bob).join() === 'kept', 'bob to see what is there')
  // The room goes on past where alice was.
  for (const body of ['new', 'newer', 'newest']) await bob.send(body).done
  first?.connect()
  await handle.done
  for (const view of [alice, bob]) {
    await until(
      () => bodiesIn(view).join() === 'kept,new,newer,newest,written meanwhile',
      'everyone to have the same',
    )
    expect(view.getSnapshot()).toMatchObject({ status: 'live', pending: [], hasOlder: false })
  }
  expect(alice.getSnapshot().messages).toEqual(bob.getSnapshot().messages)
})
