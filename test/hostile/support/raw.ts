import { deflateRawSync } from 'node:zlib'
import type { Random } from '../../e2e/random.ts'
import { problemOf } from './judge.ts'
import { openLine } from './line.ts'
import { type Attack, addressOf, pick } from './rest.ts'
import type { Scene } from './scene.ts'

/** Requests that no client library sends. */
export function everyRawRequest(scene: Scene, random: Random): Attack[] {
  return Object.entries(rawRequests(scene, random)).map(([name, bytes]) => ({
    name: `raw: ${name}`,
    async run() {
      const line = await openLine(scene.node.url)
      try {
        for (const part of typeof bytes === 'string' ? [bytes] : bytes) await line.write(part)
        await line.answered(ANSWER_MS)
        return problemIn(line.received())
      } finally {
        line.cut()
      }
    },
  }))
}

/** What is begun and not gone on with; each is held until `end` is called. */
export async function openSlowClients(scene: Scene, random: Random, count: number): Promise<{ end(): void }> {
  const beginnings = [
    'GET /healthz HTTP/1.1\r\n',
    `POST /api/v2/tokens HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n{"a":`,
    `POST /api/v1/users HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n`,
    '',
    'G',
  ]
  const lines = await Promise.all(
    Array.from({ length: count }, async () => {
      const line = await openLine(scene.node.url)
      await line.write(pick(random, beginnings))
      return line
    }),
  )
  const trickle = setInterval(() => {
    for (const line of lines) void line.write('x')
  }, 200)
  return {
    end() {
      clearInterval(trickle)
      for (const line of lines) line.cut()
    },
  }
}

function rawRequests({ people, mostBytes }: Scene, random: Random): Record<string, string | Uint8Array[]> {
  const token = pick(random, people).token
  const head = (method: string, path: string, ...more: string[]) =>
    `${[`${method} ${path} HTTP/1.1`, 'Host: localhost', `X-Forwarded-For: ${addressOf(random)}`, `Authorization: Token ${token}`, ...more].join('\r\n')}\r\n\r\n`
  const json = 'Content-Type: application/json'
  const chunked = [json, 'Transfer-Encoding: chunked']
  const form = (body: string) =>
    head(
      'POST',
      '/api/auth/login',
      'Content-Type: application/x-www-form-urlencoded',
      `Content-Length: ${body.length}`,
    ) + body
  const ones = '1\r\n \r\n'.repeat(Math.floor(mostBytes / 2))
  return {
    'no request at all': 'hello\r\n\r\n',
    'a TLS greeting': '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
    'a request of HTTP/2': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    'a request of HTTP/0.9': 'GET /\r\n\r\n',
    'a target of 15 kB': head('GET', `/${'a'.repeat(15_000)}`),
    'a target of a megabyte': head('GET', `/${'a'.repeat(1_000_000)}`),
    'a header of a megabyte': head('GET', '/api/v2/me', `X: ${'a'.repeat(1_000_000)}`),
    'ten thousand headers': head(
      'GET',
      '/api/v2/me',
      ...Array.from({ length: 10_000 }, (_, n) => `x${n}: 1`),
    ),
    'ninety headers': head(
      'GET',
      '/api/v2/me',
      ...Array.from({ length: 90 }, (_, n) => `x${n}: ${'1'.repeat(100)}`),
    ),
    'a header without a name': head('GET', '/api/v2/me', ': x'),
    'a header over two lines': head('GET', '/api/v2/me', 'x: 1', '  2'),
    'a nul in a header': head('GET', '/api/v2/me', 'x: \0'),
    'bytes that are no text in the target': [
      Buffer.from('GET /\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n', 'latin1'),
    ],
    'two hosts': head('GET', '/api/v2/me', 'Host: other'),
    'a host of nothing': 'GET /api/v2/me HTTP/1.1\r\nHost: \r\n\r\n',
    'a host of one letter': 'GET /api/v2/me HTTP/1.1\r\nHost: x\r\n\r\n',
    'a host of brackets': `GET /api/v2/me HTTP/1.1\r\nHost: ${'['.repeat(5000)}\r\n\r\n`,
    'a host of marks': `GET /api/v2/me HTTP/1.1\r\nHost: a${'%CC%81%CC%A3'.repeat(1200)}\r\n\r\n`,
    'a form of many fields': form('a&'.repeat(mostBytes / 2)),
    'a form of marks': form(`username=${'%CC%81%CC%A3'.repeat(Math.floor(mostBytes / 12) - 10)}`),
    'two lengths': head('POST', '/api/v2/tokens', json, 'Content-Length: 2', 'Content-Length: 3'),
    'a length and chunks': `${head('POST', '/api/v2/tokens', ...chunked, 'Content-Length: 5')}0\r\n\r\n`,
    'a length below nothing': head('POST', '/api/v2/tokens', json, 'Content-Length: -1'),
    'a length past counting': head('POST', '/api/v2/tokens', json, 'Content-Length: 99999999999999999999'),
    'a body on a GET': `${head('GET', '/api/v2/me', json, 'Content-Length: 2')}{}`,
    'chunks of one byte': `${head('POST', '/api/v2/tokens', ...chunked)}${ones}0\r\n\r\n`,
    'chunks past the limit': `${head('POST', '/api/v2/tokens', ...chunked)}${`1000\r\n${' '.repeat(4096)}\r\n`.repeat(Math.ceil(mostBytes / 4096) + 1)}`,
    'a chunk of no size': `${head('POST', '/api/v2/tokens', ...chunked)}zz\r\n\r\n`,
    'a chunk of a petabyte': `${head('POST', '/api/v2/tokens', ...chunked)}ffffffffffffff\r\n`,
    'a compressed body': [
      Buffer.from(head('POST', '/api/v2/tokens', json, 'Content-Encoding: deflate', 'Content-Length: 5000')),
      deflateRawSync(Buffer.alloc(5_000_000, 'x')).subarray(0, 5000),
    ],
    'a wait for permission': head(
      'POST',
      '/api/v2/tokens',
      json,
      'Expect: 100-continue',
      'Content-Length: 2',
    ),
    'a method of its own': head('BREW', '/api/v2/me'),
    'a tunnel': 'CONNECT example.com:443 HTTP/1.1\r\nHost: x\r\n\r\n',
    'three hundred requests at once': head('GET', '/api/v2/me').repeat(300),
    'three hundred documents at once': head('GET', '/docs/json').repeat(300),
    'a hundred sign-ups at once': Array.from({ length: 100 }, (_, n) => {
      const body = `{"username":"flood-${random.below(1e9)}-${n}","password":"correct horse battery"}`
      return Buffer.from(`${head('POST', '/api/v2/users', json, `Content-Length: ${body.length}`)}${body}`)
    }),
    'an upgrade to something else': head('GET', '/api/v2/socket', 'Connection: Upgrade', 'Upgrade: h2c'),
    'half a handshake': head('GET', '/api/v2/socket', 'Connection: Upgrade', 'Upgrade: websocket'),
  }
}

/** Of the first answer. */
function problemIn(text: string): string | null {
  const end = text.indexOf('\r\n\r\n')
  // Ended without a word: it was no HTTP.
  if (end === -1) return null
  const [first = '', ...lines] = text.slice(0, end).split('\r\n')
  const headers = new Headers(
    lines.flatMap((line): [string, string][] => {
      const [, name, value] = /^([^:]+): *(.*)$/.exec(line) ?? []
      return name === undefined || value === undefined ? [] : [[name, value]]
    }),
  )
  const length = Number(headers.get('content-length') ?? 0)
  return problemOf(Number(first.split(' ')[1]), headers, text.slice(end + 4, end + 4 + length))
}

const ANSWER_MS = 3000
