// The OpenAPI document and the server agree: what a schema accepts is not refused as invalid, what it refuses is refused, and every
// answer is what the document says.
import { afterAll, beforeAll, expect, test } from 'bun:test'
import fc from 'fast-check'
import type { User } from '../../../src/core/index.ts'
import { startApp, type TestApp } from '../../support/app.ts'
import { person } from '../support/contracts/people.ts'
import { type Documented, operationsOf, type Parameter } from '../support/fuzz/operations.ts'
import { closed, complaintOf, fits } from '../support/fuzz/validate.ts'
import { fieldsOf, type Pool, refusedBy, requiredIn, valuesOf } from '../support/fuzz/values.ts'
import { type Answer, ask } from '../support/rest.ts'

/** The one of the document's examples, with the name that it has there. */
const PASSWORD = 'correct horse battery staple'

let app: TestApp
let pool: Pool
let owner: User
let operations: Documented[]
/** Strict forms of the schemas of answers. */
const strict = new Map<object, ReturnType<typeof closed>>()

beforeAll(async () => {
  app = await startApp()
  operations = await operationsOf(app)
  owner = (
    await app.chat.accounts.register('alice', PASSWORD, {
      address: 'test',
      device: null,
      foreign: false,
      waitMs: 0,
    })
  ).user
  const [bob, carol] = [await person(app), await person(app)]
  const token = await signedIn()
  const call = (method: string, path: string, json?: unknown) => ask(method, app.url + path, { token, json })
  const id = (answer: Answer): number => Object(answer.json).id
  const me = id(await call('GET', '/api/v2/me'))
  const name = `room ${crypto.randomUUID()}`
  const room = id(await call('POST', '/api/v2/rooms', { name, kind: 'public', invited: [carol.id] }))
  await bob.call('PUT', `/api/v2/rooms/${room}/members/me`)
  const messages: { id: number; seq: number }[] = []
  for (const body of ['one', 'two', 'three'])
    messages.push(Object((await call('POST', `/api/v2/rooms/${room}/messages`, { body })).json))
  pool = {
    room: [room, name],
    room_id: [room],
    id: [room],
    seq: [1, ...messages.map(({ seq }) => seq)],
    reply_to: messages.map(({ seq }) => seq),
    user: [bob.id, carol.id],
    users: [bob.id, carol.id],
    invited: [bob.id, carol.id],
    invited_users: [bob.id, carol.id],
    user_id: [bob.id, String(me)],
    before_message: messages.map(({ id }) => id),
    username: ['alice'],
    password: [PASSWORD],
    current_password: [PASSWORD],
    wait: [0],
    until: ['2100-01-01T00:00:00Z'],
    rooms: [
      [room, null],
      [room, 1],
    ],
  }
})
afterAll(() => app.close())

test('what a schema accepts is not refused as invalid, and is answered as documented', async () => {
  const findings = new Set<string>()
  for (const operation of inOrder(operations)) {
    const token = await signedIn()
    const property = fc.asyncProperty(requests(operation), async (request) => {
      const answer = await send(operation, request, token)
      const finding = judge(operation, answer)
      if (finding !== null) findings.add(`${operation.id} ${finding} to ${shown(request)}`)
      if (finding === null && answer.status === 400) {
        findings.add(`${operation.id} refuses ${shown(request)}: ${answer.text.slice(0, 200)}`)
      }
    })
    // A password costs a hash.
    await fc.assert(property, { numRuns: isCostly(operation) ? 4 : 25 })
  }
  expect([...findings]).toEqual([])
})

test('what a schema refuses is refused, and is answered as documented', async () => {
  const findings = new Set<string>()
  const token = await signedIn()
  for (const operation of inOrder(operations)) {
    const valid = await accepted(operation, token)
    for (const [what, request] of invalid(operation, valid)) {
      const answer = await send(operation, request, token)
      const finding =
        judge(operation, answer) ?? (answer.status < 400 ? `accepts ${what} (${answer.status})` : null)
      if (finding !== null) findings.add(`${operation.id} ${finding}: ${what}`)
    }
  }
  expect([...findings]).toEqual([])
})

/** Returns a request that succeeds, so that a part which is refused is what the whole is refused for; any request if none of some does. */
async function accepted(operation: Documented, token: string): Promise<Request> {
  let last: Request = { parameters: {}, body: undefined }
  for (const request of fc.sample(requests(operation), isCostly(operation) ? 2 : 10)) {
    last = request
    if ((await send(operation, request, token)).status < 400) break
  }
  return last
}

interface Request {
  readonly parameters: Readonly<Record<string, unknown>>
  readonly body: unknown
}

function requests({ id, parameters, body }: Documented): fc.Arbitrary<Request> {
  const each = parameters.map(
    (parameter) => [parameter.name, parameterValues(parameter, parameters)] as const,
  )
  // A room that is not named is the default one, whose messages are others.
  const required = parameters.flatMap((p) => (p.required || p.name === 'room' ? [p.name] : []))
  return fc.record({
    parameters: fc
      .record(Object.fromEntries(each), { requiredKeys: required })
      .map((values) => onePlace(values)),
    body:
      body === null ? fc.constant(undefined) : valuesOf(body, '', pool).map((value) => agreeing(id, value)),
  })
}

function parameterValues({ name, schema }: Parameter, all: readonly Parameter[]): fc.Arbitrary<unknown> {
  // A cursor is what the server gave out for the same list: without one there is nothing to go on with.
  if (schema.format === 'cursor') return fc.constant(undefined)
  // The older contracts page by the ids of messages, in the one room whose messages are known.
  const byMessage =
    name === 'before' && schema.type === 'integer' && !all.some((each) => each.name === 'around')
  if (byMessage) return fc.constantFrom(...(pool.before_message ?? []))
  return valuesOf(schema, name, pool)
}

/** A page is in one place only, as the page of v2 says; OpenAPI has no word for that. */
function onePlace(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const places = ['before', 'after', 'around']
  const [first] = places.filter((name) => values[name] !== undefined)
  return Object.fromEntries(
    Object.entries(values).filter(
      ([name, value]) => value !== undefined && (!places.includes(name) || name === first),
    ),
  )
}

/** What OpenAPI has no word for: that a field needs another, or something that a request uses up. */
function agreeing(id: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const body: Record<string, unknown> = { ...value }
  // Each upload is for one message.
  if (id === 'sendMessage') delete body.attachments
  if (body.reply_to === undefined) delete body.in_room
  // The other one is invited only.
  if (id === 'sendEphemeral') body.user = pool.user?.[0]
  return body
}

/** Each part of a request once as its schema refuses it, the rest as it was. */
function invalid({ parameters, body }: Documented, valid: Request): [string, Request][] {
  const inParameters = parameters.flatMap(({ name, in: place, schema }) => {
    // In a path and a query everything is text; what a header may hold is HTTP's to say.
    const values = refusedBy(schema).filter(
      (value) => isText(value) && !fits(schema, fromText(schema, value)),
    )
    return place === 'header'
      ? []
      : values
          .filter((value) => place === 'query' || value !== '')
          .map((value): [string, Request] => [
            `${place} ${name}=${value}`,
            { ...valid, parameters: { ...valid.parameters, [name]: value } },
          ])
  })
  if (body === null) return inParameters
  const inBody = fieldsOf(body).flatMap(([name, field]) =>
    refusedBy(field).map((value): [string, Request] => [
      `body ${name}=${JSON.stringify(value).slice(0, 40)}`,
      { ...valid, body: { ...Object(valid.body), [name]: value } },
    ]),
  )
  const lacking = requiredIn(body).map((name): [string, Request] => {
    const { [name]: _, ...rest } = Object(valid.body)
    return [`body without ${name}`, { ...valid, body: rest }]
  })
  const whole = [null, [], 'text', 7, {}].filter((value) => !fits(body, value))
  return [
    ...inParameters,
    ...inBody,
    ...lacking,
    ...whole.map((value): [string, Request] => [`body ${JSON.stringify(value)}`, { ...valid, body: value }]),
  ]
}

function isText(value: unknown): value is string | number | boolean {
  return ['string', 'number', 'boolean'].includes(typeof value)
}

/** What a text in an address is, to its schema. */
function fromText({ type, anyOf }: Record<string, unknown>, value: string | number | boolean): unknown {
  const text = String(value)
  if (type === 'string') return text
  if (anyOf !== undefined && !/^[0-9]+$/.test(text)) return text
  return type === 'boolean' ? text === 'true' || (text === 'false' ? false : text) : value
}

function send({ method, path, parameters }: Documented, request: Request, token: string): Promise<Answer> {
  const url = new URL(app.url)
  const headers: Record<string, string> = {}
  let filled = path
  for (const { name, in: place } of parameters) {
    const value = request.parameters[name]
    if (value === undefined) continue
    if (place === 'path') filled = filled.replace(`{${name}}`, encodeURIComponent(String(value)))
    else if (place === 'query') url.searchParams.set(name, String(value))
    else headers[name] = String(value)
  }
  return ask(method, `${app.url}${filled}${url.search}`, {
    token,
    headers,
    ...(request.body === undefined ? {} : { json: request.body }),
  })
}

/** Returns what is not as documented about an answer; null for nothing. */
function judge({ answers }: Documented, { status, json, text }: Answer): string | null {
  if (status >= 500) return `fails with ${status} ${text.slice(0, 200)}`
  const schema = answers.get(status)
  if (schema === undefined) return `answers ${status}, which is not documented: ${text.slice(0, 200)}`
  if (schema === null) return text === '' ? null : `answers ${status} with a body`
  const shape = strict.get(schema) ?? closed(schema)
  strict.set(schema, shape)
  const complaint = complaintOf(shape, json)
  return complaint === null ? null : `answers ${status} with ${complaint}: ${text.slice(0, 200)}`
}

/** What ends or deletes things comes last. */
function inOrder(all: readonly Documented[]): Documented[] {
  return all.toSorted((a, b) => rank(a) - rank(b))
}

function rank({ id, method }: Documented): number {
  if (/leave/i.test(id)) return 1
  if (['changePassword', 'removeMember', 'setRole'].includes(id)) return 2
  return method === 'DELETE' ? 3 : 0
}

function isCostly({ body }: Documented): boolean {
  return body !== null && fieldsOf(body).some(([name]) => /password/.test(name))
}

/** Returns a token of the account that does everything. Some operations end tokens, so each has its own. */
async function signedIn(): Promise<string> {
  return (await app.chat.accounts.issueToken(owner)).token
}

function shown(request: Request): string {
  return JSON.stringify(request).slice(0, 300)
}
