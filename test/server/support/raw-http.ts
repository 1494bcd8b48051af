import { until } from '../../support/until.ts'
import { openRaw, type RawClient } from './raw-client.ts'

export interface RawAnswer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The body as JSON; undefined where it is none. */
  readonly json: unknown
}

/** Sends the bytes of a request as they are, and reads one answer. */
export async function rawRequest(url: string, request: string | Uint8Array): Promise<RawAnswer> {
  const client = await openRaw(url)
  try {
    client.write(request)
    return await readAnswer(client)
  } finally {
    client.end()
  }
}

/** Tries to open a WebSocket as its handshake has it; 101 where it opens. The connection is cut afterwards. */
export function handshake(url: string, headers: Record<string, string> = {}): Promise<RawAnswer> {
  return rawRequest(url, handshakeRequest(url, headers))
}

export function handshakeRequest(url: string, headers: Record<string, string> = {}): string {
  const { host, pathname, search } = new URL(url)
  const all = {
    Host: host,
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
    ...headers,
  }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  return `GET ${pathname}${search} HTTP/1.1\r\n${lines.join('')}\r\n`
}

export async function readAnswer(client: RawClient): Promise<RawAnswer> {
  return until(() => {
    const answer = parseAnswer(client.received())
    if (answer === null && client.isClosed()) throw new Error('the connection closed before an answer came')
    return answer
  }, 'an HTTP answer')
}

function parseAnswer(bytes: Buffer): RawAnswer | null {
  const end = bytes.indexOf('\r\n\r\n')
  if (end === -1) return null
  const [first = '', ...lines] = bytes.subarray(0, end).toString().split('\r\n')
  const headers = new Headers()
  for (const line of lines) {
    const colon = line.indexOf(':')
    headers.append(line.slice(0, colon), line.slice(colon + 1).trim())
  }
  const body = bytes.subarray(end + 4)
  const length = Number(headers.get('content-length') ?? 0)
  if (body.length < length) return null
  const text = body.subarray(0, length).toString()
  return { status: Number(first.split(' ')[1]), headers, text, json: jsonOf(text) }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
