import { type Static, Type } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import type { ParleyProcess } from '../../../support/parley-process.ts'

/** Everything is on; only the rates do not stand in the way. */
export const RATES = {
  RATE_REQUESTS_PER_MINUTE: '1000000',
  RATE_REGISTRATIONS_PER_MINUTE: '100000',
  RATE_MESSAGES_PER_SECOND: '1000000',
  RATE_MESSAGES_BURST: '1000000',
  RATE_USER_REQUESTS_PER_SECOND: '1000000',
  RATE_USER_REQUESTS_BURST: '1000000',
}

const Created = Type.Object({ id: Type.String() })
const Registered = Type.Object({ id: Type.String(), token: Type.String() })
export type User = Static<typeof Registered>

/** All names have one length, so that frames do. */
export function createUser(server: ParleyProcess, index: number): Promise<User> {
  return post(server, 'users', { username: `user-${String(index).padStart(4, '0')}` }, Registered)
}

/** A public room. @returns its id */
export async function createRoom(
  server: ParleyProcess,
  { token }: User,
  name = 'benchmark',
): Promise<string> {
  return (await post(server, 'rooms', { name }, Created, token)).id
}

/** What v2's sockets ask for before they send to a room, or hear it. */
export async function joinRoom(server: ParleyProcess, room: string, { token }: User): Promise<void> {
  const answer = await fetch(`${server.url}/api/v2/rooms/${room}/members/me`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${token}` },
  })
  if (!answer.ok) throw new Error(`joining: ${answer.status} ${await answer.text()}`)
}

async function post<T extends typeof Created | typeof Registered>(
  server: ParleyProcess,
  path: string,
  body: object,
  schema: T,
  token?: string,
): Promise<Static<T>> {
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const answer = await fetch(`${server.url}/api/v1/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...authorization },
    body: JSON.stringify(body),
  })
  if (!answer.ok) throw new Error(`POST ${path}: ${answer.status} ${await answer.text()}`)
  return Value.Parse(schema, await answer.json())
}

/** What is said: a sentence, and what marks it. */
export function content(mark: string): string {
  return `A message of an ordinary length, as people write them. ${mark}`
}

/** Two characters for each of up to 1,296 clients. */
export function mark(index: number): string {
  return index.toString(36).padStart(2, '0')
}
