import { expect, test } from 'bun:test'
import { register } from '../api/support/accounts-client.ts'
import { ask } from '../api/support/rest.ts'
import { v1Client } from '../api/support/v1-client.ts'
import { HistoryFrame, TextFrame } from '../api/support/v1-shapes.ts'
import { startParley } from '../support/parley-process.ts'
import { createMigratedDatabase } from '../support/shared-postgres.ts'

const CANARY = 'canary-9d4e'

test('nothing that the process writes contains a password, a token or a message', async () => {
  const database = new URL(await createMigratedDatabase())
  // Trust is all that the test's database asks for, so any password gets in, and must not come out.
  database.password = CANARY
  const parley = await startParley({ NODE_ENV: 'test', LOG_LEVEL: 'trace', DATABASE_URL: database.href })
  const v1 = v1Client(parley)
  const [room, user, account] = [await v1.room(), await v1.user(), await register(parley)]
  const socket = v1.open(room, user, `?token=${user.token}`)
  await socket.next(HistoryFrame)
  socket.send({ type: 'text', content: CANARY, user_id: user.id })
  await socket.next(TextFrame)
  await ask('POST', `${parley.url}/api/auth/login?x=${CANARY}`, {
    json: { username: account.username, password: CANARY },
  })
  await ask('POST', `${parley.url}/api/v1/rooms`, { body: `{"name":"${CANARY}"` })
  expect(await parley.stop()).toBe(0)
  expect((await socket.closed).code).toBe(1012)
  const output = parley.output()
  expect(output).toContain('"msg":"request"')
  for (const secret of [CANARY, user.token, account.token]) expect(output).not.toContain(secret)
  await parley.remove()
})
