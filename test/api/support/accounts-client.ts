import { Type as t } from '@sinclair/typebox'
import { ask, expectAnswer } from './rest.ts'

const exact = { additionalProperties: false }
const token = t.String({ pattern: '^[0-9a-f]{40}$' })

export const SessionShape = t.Object(
  { token, user: t.Object({ id: t.Integer({ minimum: 1 }), username: t.String() }, exact) },
  exact,
)
export const TokenShape = t.Object({ token }, exact)
export const TicketShape = t.Object({ ticket: token, expires_in: t.Literal(30) }, exact)
export const FormErrorShape = t.Object({ non_field_errors: t.Tuple([t.String({ minLength: 3 })]) }, exact)

export const PASSWORD = 'correct horse battery'

export interface Account {
  readonly id: string
  readonly username: string
  readonly token: string
}

/** Creates an account with a password. Returns it with a token. */
export async function register(
  app: { url: string },
  username = `acc${crypto.randomUUID()}`,
): Promise<Account> {
  const json = { username, password: PASSWORD }
  const answer = await ask('POST', `${app.url}/api/auth/register`, { json })
  const { user, token: first } = expectAnswer(answer, 201, SessionShape)
  return { id: String(user.id), username: user.username, token: first }
}

/** Signs in like a browser. Returns the session cookie as the browser sends it back, and the token in it. */
export async function login(
  app: { url: string },
  username: string,
  headers: Readonly<Record<string, string>> = {},
) {
  const json = { username, password: PASSWORD }
  const answer = await ask('POST', `${app.url}/api/auth/login`, { json, headers })
  const session = expectAnswer(answer, 200, SessionShape)
  const [cookie = ''] = answer.headers.getSetCookie()
  return { token: session.token, setCookie: cookie, cookie: cookie.split(';', 1)[0] ?? '' }
}
