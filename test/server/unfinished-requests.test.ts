// Requests that are never finished, or go on after they were refused: each has an answer, and its connection an end.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { startApp, type TestApp } from '../support/app.ts'
import { until } from '../support/until.ts'
import { openRaw, type RawClient } from './support/raw-client.ts'
import { type RawAnswer, readAnswer } from './support/raw-http.ts'

const MOST_BYTES = 65_536
const DEADLINE_MS = 1000
/** How the path begins in the URL depends on them; none and a long one are cases of their own. */
const HOSTS = ['x', 'ab', 'abc', 'localhost', '127.0.0.1:8000', '[::1]']

let app: TestApp

beforeAll(async () => {
  app = await startApp({ BODY_DEADLINE_MS: `${DEADLINE_MS}` })
})
afterAll(() => app.close())

describe.each(HOSTS)('with the Host %s', (host) => {
  test('a body past the limit is refused in the contract’s shape, and its connection closed while it is still arriving', async () => {
    for (const declared of [true, false]) {
      const client = await openRaw(app.url)
      const size = declared ? `Content-Length: ${MOST_BYTES * 10}` : 'Transfer-Encoding: chunked'
      client.write(post('/api/auth/register', host, size))
      const sending = goOn(client, declared ? 'x'.repeat(8000) : chunk(8000))
      const answer = await readAnswer(client)
      expect([answer.status, answer.json]).toEqual([
        413,
        { detail: `The body must have at most ${MOST_BYTES} bytes` },
      ])
      await expectClosed(client, answer)
      await sending
    }
  })

  test('a body that arrives too slowly is refused at its deadline', async () => {
    for (const piece of ['', 'x']) {
      const client = await openRaw(app.url)
      client.write(`${post('/api/auth/register', host, 'Content-Length: 1000')}{`)
      const sending = goOn(client, piece)
      const answer = await readAnswer(client)
      expect([answer.status, answer.json]).toEqual([
        400,
        { detail: `The body must arrive within ${DEADLINE_MS} ms` },
      ])
      await expectClosed(client, answer)
      await sending
    }
  })

  test('a body of too many chunks is refused', async () => {
    const client = await openRaw(app.url)
    client.write(post('/api/auth/register', host, 'Transfer-Encoding: chunked'))
    const sending = goOn(client, chunk(1).repeat(1000))
    const answer = await readAnswer(client)
    expect([answer.status, answer.json]).toEqual([
      400,
      { detail: 'The body must come in at most 4096 pieces' },
    ])
    await expectClosed(client, answer)
    await sending
  })

  test('an unread body ends with the response', async () => {
    for (const start of [
      post('/nowhere', host, 'Transfer-Encoding: chunked'),
      post('/api/auth/register', host, 'Transfer-Encoding: chunked').replace(
        'application/json',
        'text/plain',
      ),
      `GET /healthz HTTP/1.1\r\nHost: ${host}\r\nTransfer-Encoding: chunked\r\n\r\n`,
    ]) {
      const client = await openRaw(app.url)
      client.write(start)
      const sending = goOn(client, chunk(1000))
      await expectClosed(client, await readAnswer(client))
      await sending
    }
  })

  test('a body read to its end keeps the connection open for the next request', async () => {
    const client = await openRaw(app.url)
    for (const body of ['{', '{"username":"x","password":"y"}']) {
      const before = client.received().length
      client.write(`${post('/api/auth/register', host, `Content-Length: ${body.length}`)}${body}`)
      await until(() => client.received().length > before, 'an answer')
      expect(client.received().subarray(before).toString()).toStartWith('HTTP/1.1 400')
    }
    expect(client.isClosed()).toBe(false)
    expect(client.received().toString()).not.toMatch(/^connection: close/im)
    client.end()
  })
})

test('without a Host header, links use the host of the request target', async () => {
  const client = await openRaw(app.url)
  const body = '{"username":"x"}'
  client.write(
    `POST /api/v1/users HTTP/1.0\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  )
  expect((await readAnswer(client)).status).toBe(200)
  client.end()
})

test('a Host header that is longer than any name is refused before it is parsed', async () => {
  for (const host of [`${'a'.repeat(260)}`, `a${'%CC%81%CC%A3'.repeat(1000)}`]) {
    const client = await openRaw(app.url)
    client.write(`GET /healthz HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
    const answer = await readAnswer(client)
    expect([answer.status, answer.text]).toEqual([400, ''])
    await expectClosed(client, answer)
  }
})

test('a form of too many fields is refused before it is parsed', async () => {
  const post = (body: string) =>
    fetch(`${app.url}/api/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body,
    })
  const refused = await post(`username=x&password=y${'&a'.repeat(1000)}`)
  expect([refused.status, await refused.json()]).toEqual([
    400,
    { detail: 'The body has more than 1000 fields' },
  ])
  expect((await post(`username=x&password=y${'&a'.repeat(998)}`)).status).toBe(401)
})

test('none of this was logged as a server fault', () => {
  expect(app.logs().filter((line) => /"level":(50|60)/.test(line))).toEqual([])
})

function post(path: string, host: string, size: string): string {
  return `POST ${path} HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\n${size}\r\n\r\n`
}

function chunk(bytes: number): string {
  return `${bytes.toString(16)}\r\n${'x'.repeat(bytes)}\r\n`
}

/** Sends the same again and again for as long as the connection is open. */
async function goOn(client: RawClient, piece: string): Promise<void> {
  while (!client.isClosed()) {
    if (piece !== '') client.write(piece)
    await Bun.sleep(5)
  }
}

async function expectClosed(client: RawClient, answer: RawAnswer): Promise<void> {
  expect(answer.headers.get('connection')).toBe('close')
  await client.closed()
}
