import { expect, test } from 'bun:test'
import { systemClock } from '../../../src/server/index.ts'
import { startApp } from '../../support/app.ts'
import { until } from '../../support/until.ts'
import { ask } from '../support/rest.ts'
import { contractNamed } from './support/contracts.ts'
import { makePair, makeRoom } from './support/people.ts'
import { listen } from './support/sockets.ts'
import { openTables } from './support/stored.ts'

const BURST = 5

test('a user has one message budget for all contracts, and each contract reports in its own form that it is used up', async () => {
  let now = 0
  const clock = { ...systemClock, ticks: () => now }
  const limits = { RATE_MESSAGES_PER_SECOND: '1', RATE_MESSAGES_BURST: `${BURST}` }
  const app = await startApp(limits, { clock })
  const tables = openTables(app.databaseUrl)
  const [alice, bob] = await makePair(app, 'alice', 'bob')
  const room = await makeRoom(app, 'public', alice, [bob])
  const chat = await makeRoom(app, 'direct', alice, [bob])
  const at = { server: app, room, person: alice }
  const sockets = {
    room: await listen(contractNamed('groups'), at),
    v1: await listen(contractNamed('v1'), at),
    direct: await listen(contractNamed('direct chats'), { ...at, room: chat }),
  }
  const watcher = await listen(contractNamed('chat service'), { ...at, person: bob })

  await contractNamed('live chat').post?.(at, '1')
  await contractNamed('v1').post?.(at, '2')
  for (const socket of Object.values(sockets)) socket.say('one of three')
  const count = async () => (await tables.messages(room)).length + (await tables.messages(chat)).length
  await until(async () => (await count()) === BURST, 'what is within the budget')

  const live = await ask('POST', `${app.url}/chat/send/`, {
    json: { message: 'too many', room: room.name },
    token: alice.token,
  })
  const v1 = await ask('POST', `${app.url}/api/v1/rooms/${room.id}/messages`, {
    json: { content: 'too many', user_id: `${alice.id}` },
    token: alice.token,
  })
  for (const socket of Object.values(sockets)) socket.say('too many')
  const refused = expect.stringMatching(/^Too many messages, try again /)
  expect([live.status, live.json]).toEqual([429, { error: refused }])
  expect([v1.status, v1.json]).toEqual([429, { detail: refused }])
  for (const { headers } of [live, v1]) expect(headers.get('retry-after')).toBe('1')
  await expectLast(sockets.room.socket.frames, { error: refused })
  await expectLast(sockets.v1.socket.frames, { type: 'error', detail: refused })
  await expectLast(sockets.direct.socket.frames, { error: refused })

  // Others have budgets of their own, and a second later there is one more.
  await contractNamed('v1').post?.({ ...at, person: bob }, 'of Bob')
  now += 1000
  await contractNamed('live chat').post?.(at, 'of the next second')
  await until(() => watcher.messages().length >= 6, 'everything that was sent')
  const stored = await tables.messages(room)
  expect(stored.filter(({ body }) => body === 'too many')).toEqual([])
  expect(watcher.messages()).toEqual(
    stored.map((message) => contractNamed('chat service').show(message, room)),
  )
  expect(await count()).toBe(BURST + 2)
  await tables.close()
  await app.close()
})

async function expectLast(frames: readonly unknown[], wanted: object): Promise<void> {
  const isRefusal = (frame: unknown) => JSON.stringify(frame).includes('Too many messages')
  const refusal = await until(() => frames.find(isRefusal), 'the refusal')
  expect(refusal).toEqual(wanted)
}
