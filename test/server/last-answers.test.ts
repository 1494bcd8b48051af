// Answers to requests that were under way when their port was closed, or opened anew with another certificate.
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { generate } from 'selfsigned'
import {
  type Certificate,
  Connections,
  createAddresses,
  createClientSides,
  createListener,
  SlowReaders,
  socketHandlers,
  systemClock,
} from '../../src/server/index.ts'
import { loggerTo } from '../support/log-lines.ts'
import { until } from '../support/until.ts'

let first: Certificate
let second: Certificate
let listener: ReturnType<typeof createListener>
let url: string
/** Lets the request that waits be answered. */
let answer: (() => void) | null = null

beforeAll(async () => {
  first = await makePair()
  second = await makePair()
  const connections = new Connections(
    { total: 10, perAddress: 10, perUser: 10 },
    { tell: () => undefined, elsewhere: () => 0 },
  )
  const addresses = createAddresses([])
  listener = createListener(
    connections,
    addresses,
    createClientSides(addresses, { origin: undefined, prefix: '' }),
  )
  const options = {
    maxFrameBytes: 65_536,
    backpressureBytes: 65_536,
    pingMs: 1000,
    pongDeadlineMs: 5000,
    heartbeatMs: 1000,
    frames: { perSecond: 100, burst: 100 },
    refusals: { perSecond: 100, burst: 100 },
  }
  const slowReaders = new SlowReaders(connections, systemClock, options.backpressureBytes)
  const port = listener.listen(
    { variable: 'TLS_PORT', host: '127.0.0.1', port: 0, idleSeconds: 30, certificate: first },
    async () => {
      const { promise, resolve } = Promise.withResolvers<void>()
      answer = resolve
      await promise
      return new Response('ok')
    },
    socketHandlers(connections, slowReaders, systemClock, loggerTo('error').log, options),
  )
  url = `https://127.0.0.1:${port}`
})
afterAll(() => listener.stop())

test.each<[string, () => void]>([
  ['opened anew with another certificate', () => listener.renew(second)],
  ['closed', () => listener.pause()],
])('they say that the connection closes if the port was %s', async (_, act) => {
  const before = ask()
  ;(await asked())()
  expect((await before).headers.get('connection')).not.toBe('close')
  const meanwhile = ask()
  const release = await asked()
  act()
  release()
  const last = await meanwhile
  expect([last.status, last.headers.get('connection')]).toEqual([200, 'close'])
})

function ask(): Promise<Response> {
  answer = null
  return fetch(url, { tls: { rejectUnauthorized: false } })
}

async function asked(): Promise<() => void> {
  return await until(() => answer, 'the request to come')
}

async function makePair(): Promise<Certificate> {
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'one' }], { keyType: 'ec' })
  return { cert, key }
}
