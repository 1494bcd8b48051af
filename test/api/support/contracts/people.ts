import type { Person as Account } from '../../../support/person.ts'
import { type Answer, type Ask, ask, expectAnswer } from '../rest.ts'
import { openSocket, type TestSocket } from '../socket.ts'
import { NewUserShape } from '../v1-shapes.ts'

export interface Person extends Account {
  /** Makes a request as the person. */
  call(method: string, path: string, json?: unknown, headers?: Record<string, string>): Promise<Answer>
  /** Opens a socket as the person. */
  open(path: string): TestSocket
}

/** Creates an account the quickest way: without a password, and so without hashing. */
export async function person(app: ServerUrls, username = `p-${crypto.randomUUID()}`): Promise<Person> {
  const answer = await ask('POST', `${app.url}/api/v1/users`, { json: { username } })
  const made = expectAnswer(answer, 200, NewUserShape)
  const { token } = made
  return {
    id: Number(made.id),
    username: made.username,
    token,
    call: (method, path, json, headers) => ask(method, app.url + path, options(json, headers, token)),
    open: (path) => openSocket(app.wsUrl + path, { authorization: `Token ${token}` }),
  }
}

export function people(app: ServerUrls, count: number): Promise<Person[]> {
  return Promise.all(Array.from({ length: count }, () => person(app)))
}

/** Makes a request without a credential. */
export function anonymously(
  app: ServerUrls,
  method: string,
  path: string,
  json?: unknown,
  headers?: Record<string, string>,
): Promise<Answer> {
  return ask(method, app.url + path, options(json, headers))
}

/** Returns status and body of a response, for comparison. Throws if the body is not JSON, as a default page of the framework would be. */
export function said({ status, headers, text, json }: Answer): { status: number; body?: unknown } {
  if (text === '') return { status }
  const type = headers.get('content-type') ?? ''
  if (!/^application\/(problem\+)?json/.test(type) || json === undefined) {
    throw new Error(`expected JSON, but got ${status} ${type} ${text.slice(0, 200)}`)
  }
  return { status, body: json }
}

function options(json: unknown, headers: Record<string, string> = {}, token?: string): Ask {
  return {
    headers,
    ...(json === undefined ? {} : { json }),
    ...(token === undefined ? {} : { token }),
  }
}

interface ServerUrls {
  readonly url: string
  readonly wsUrl: string
}
