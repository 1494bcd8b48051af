import { parseId, parseMessage, parseMessages, type WireMessage } from './wire.ts'

/** The URLs of the server, which may differ after a restart. */
export interface ServerUrls {
  readonly url: string
  readonly wsUrl: string
}

export interface Speaker {
  readonly room: string
  readonly user: string
}

/** The server stopped before it answered. */
export class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost'
}

/** The server accepts no messages any more, because it is stopping. */
export class ServerRestarts extends Error {
  override readonly name = 'ServerRestarts'
}

export async function createUser(server: ServerUrls, username: string): Promise<string> {
  return parseId(await request(server, '/api/v1/users', { username }))
}

export async function createRoom(server: ServerUrls, name: string): Promise<string> {
  return parseId(await request(server, '/api/v1/rooms', { name }))
}

/** Sends a text to a room, which the user thereby joins. Resolves to the stored message. */
export async function postMessage(
  server: ServerUrls,
  { room, user }: Speaker,
  text: string,
): Promise<WireMessage> {
  return parseMessage(
    await request(server, `/api/v1/rooms/${room}/messages`, { content: text, user_id: user }),
  )
}

/** Every message of a room, read backwards in pages as a client would. */
export async function readHistory(server: ServerUrls, room: string, limit = 200): Promise<WireMessage[]> {
  const all: WireMessage[] = []
  while (true) {
    const [oldest] = all
    const before = oldest === undefined ? '' : `&before=${oldest.id}`
    const page = parseMessages(
      await request(server, `/api/v1/rooms/${room}/messages?limit=${limit}${before}`),
    )
    all.unshift(...page)
    if (page.length < limit) return all
  }
}

async function request(server: ServerUrls, path: string, body?: object): Promise<string> {
  const init = body && {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  }
  const { status, text } = await fetch(server.url + path, init)
    .then(async (response) => ({ status: response.status, text: await response.text() }))
    .catch((error: unknown) => {
      throw new ConnectionLost(`${path} was not answered`, { cause: error })
    })
  if (text === RESTARTS) throw new ServerRestarts(text)
  if (status !== 200) throw new Error(`${path} was answered with ${status} ${text}`)
  return text
}

const RESTARTS = '{"detail":"The server restarts, try again"}'
