import { expect, test } from 'bun:test'
import { startApp } from '../../../support/app.ts'
import { makeRoom, person } from '../support/people.ts'
import { enter, reached } from '../support/rooms.ts'
import { connect } from '../support/v2-client.ts'

const MESSAGES = 8192
/** Sends that have no answer yet. */
const WINDOW = 1024

test('a sender that keeps 1,024 messages in flight gets a response to each', async () => {
  // What is tested is that none is dropped or refused for its number, however slow the machine is.
  const app = await startApp({ SEND_DEADLINE_MS: '60000' })
  const sender = await person(app)
  const room = await makeRoom(app, sender)
  const client = await connect(app, sender)
  await enter(client, room)
  for (let n = 0; n < MESSAGES; n++) {
    if (client.unanswered === WINDOW) await client.until(() => client.unanswered < WINDOW, 'an answer')
    client.askAs({ type: 'send', id: `${n}`, room, body: `message ${n}` })
  }
  await client.until(() => client.unanswered === 0, 'every answer')
  expect(client.all('error')).toEqual([])
  const sent = client.all('result').flatMap(({ data }) => ('created_at' in data ? [data.seq] : []))
  expect(new Set(sent).size).toBe(MESSAGES)
  await reached(client, room, Math.max(...sent))
  await client.close()
  await app.close()
})

test('a client that subscribes to a thousand rooms at once gets a response for each', async () => {
  const app = await startApp()
  const someone = await person(app)
  const client = await connect(app, someone)
  for (let n = 1; n <= 1000; n++) client.askAs({ type: 'subscribe', id: `${n}`, room: 1_000_000 + n })
  await client.until(() => client.unanswered === 0, 'every answer')
  expect(client.all('error').filter(({ code }) => code === 'not_found')).toHaveLength(1000)
  await client.close()
  await app.close()
})
