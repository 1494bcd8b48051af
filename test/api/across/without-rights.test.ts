// Users without rights, at every route and socket that the server has.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { handshake } from '../../server/support/raw-http.ts'
import { startApp, type TestApp } from '../../support/app.ts'
import { type Person, person, said } from '../support/contracts/people.ts'
import { type Case, cases, errorBody, type Request, type Target } from '../support/contracts/rights.ts'
import { directChat, join, room, say } from '../support/contracts/rooms.ts'
import { talk } from '../support/contracts/talk.ts'
import { type Answer, ask } from '../support/rest.ts'
import { type Route, routesOf } from '../support/routes.ts'

let app: TestApp
let routes: Route[]
let owner: Person
let outsider: Person
/** Was a member, and has left. */
let former: Person
let signedOut: Person
let targets: Target[]

beforeAll(async () => {
  app = await startApp({ V1_TRUST_IDS: 'false' })
  routes = await routesOf(app)
  owner = await person(app)
  outsider = await person(app)
  former = await person(app)
  signedOut = await person(app)
  await signedOut.call('POST', '/api/auth/logout')
  targets = [await closedRoom('private'), await closedRoom('game'), await chat()]
})
afterAll(() => app.close())

test('every route has a test case, and every test case a route', () => {
  expect(routes.map(nameOf).sort()).toEqual(Object.keys(cases).sort())
})

describe.each(['an outsider', 'a former member'])('%s', (who) => {
  const caller = () => (who === 'an outsider' ? outsider : former)

  test('is refused wherever the request concerns something of others', async () => {
    const { answers, wanted } = await refusals(caller())
    expect(answers).toEqual(wanted)
    expect(answers.length).toBeGreaterThan(40)
  })

  test('sees none of it in any list', async () => {
    for (const route of routes) {
      const entry = caseOf(route)
      if (entry.kind !== 'hides') continue
      const answer = await attempt(route, entry.request, caller().token)
      expect([nameOf(route), answer.status]).toEqual([nameOf(route), 200])
      for (const { id, name } of targets) {
        expect(answer.text).not.toContain(JSON.stringify(name))
        expect(answer.text).not.toMatch(new RegExp(`"id":"?${id}\\b`))
      }
      expect(answer.text).not.toContain(SECRET)
    }
  })
})

test('nothing has changed afterwards', async () => {
  for (const target of targets) {
    const messages = await owner.call('GET', `/chat/rooms/${target.id}/messages/`)
    expect(messages.text.match(/"message":/g)).toHaveLength(1)
    expect(messages.text).toContain(SECRET)
    if (target.kind === 'direct') continue
    const path = `/api/chat/groups/${encodeURIComponent(target.name)}/members/`
    const members = await owner.call('GET', path)
    expect(said(members)).toEqual({
      status: 200,
      body: [{ id: owner.id, username: owner.username, first_name: '', last_name: '' }],
    })
  }
})

test.each([
  ['who names nobody', () => undefined, 'Authentication credentials were not provided.'],
  ['whose token was never one', () => 'f'.repeat(40), 'Invalid token.'],
  ['who has signed out', () => signedOut.token, 'Invalid token.'],
])('%s is refused everywhere', async (_, token, text) => {
  for (const route of routes) {
    const entry = caseOf(route)
    if (entry.kind === 'open') continue
    const [target] = targets
    if (target === undefined) throw new Error('no target')
    const request = entry.kind === 'refuses' ? entry.request(target, signedOut) : entry.request
    const answer = await attempt(route, request, token())
    const refusal = { status: 401, body: errorBody(request.path, 401, text) }
    expect([nameOf(route), said(answer)]).toEqual([nameOf(route), refusal])
    expect(answer.headers.get('www-authenticate')).toBe('Token')
  }
})

test.each(['v1', 'v2'])(
  '%s answers byte for byte the same for a private room, a deleted one and one that never existed',
  async (name) => {
    const deleted = await room(owner)
    await owner.call('DELETE', `/chat/rooms/${deleted.id}/`)
    const nowhere = [deleted.id, 987_654].map((id): Target => ({ kind: 'private', id, name: '' }))
    for (const route of routes.filter(({ path }) => path.startsWith(`/api/${name}/`))) {
      const entry = caseOf(route)
      if (entry.kind !== 'refuses') continue
      const seen = new Set<string>()
      for (const target of [...targets, ...nowhere]) {
        const { status, headers, text } = await attempt(
          route,
          entry.request(target, outsider),
          outsider.token,
        )
        // What is left of the caller's own share says nothing of the room.
        const own = /^(date|ratelimit-.*|x-messages-remaining)$/
        const shown = [...headers].filter(([name]) => !own.test(name))
        seen.add(JSON.stringify([status, shown, text]))
      }
      expect([...seen]).toEqual([expect.stringContaining('404')])
    }
  },
)

test('nobody can act as somebody else', async () => {
  const [target] = targets
  const json = { content: 'I am the owner', user_id: String(owner.id), type: 'text' }
  const refusal = { detail: "The user_id must be the caller's own" }
  const sent = await outsider.call('POST', `/api/v1/rooms/${target?.id}/messages`, json)
  expect(said(sent)).toEqual({ status: 401, body: refusal })
  const opened = await handshake(`${app.wsUrl}/api/v1/ws/${target?.id}/${owner.id}?token=${outsider.token}`)
  expect([opened.status, opened.json]).toEqual([401, refusal])
})

describe('an invited user who has not joined', () => {
  test('may not read, invite or delete', async () => {
    const made = await room(owner, { invited: [outsider] })
    await say(owner, made.name, SECRET)
    const encoded = encodeURIComponent(made.name)
    const answers = [
      await outsider.call('GET', `/chat/rooms/${made.id}/messages/`),
      await outsider.call('GET', `/chat/history/?room=${encoded}`),
      await outsider.call('GET', `/api/chat/groups/${encoded}/messages/`),
      await outsider.call('GET', `/api/chat/groups/${encoded}/members/`),
      await outsider.call('POST', `/api/chat/groups/${encoded}/leave/`),
      await outsider.call('POST', `/chat/rooms/${made.id}/invite/`, { users: [former.id] }),
      await outsider.call('DELETE', `/chat/rooms/${made.id}/`),
    ]
    expect(answers.map((answer) => answer.status)).toEqual(answers.map(() => 403))
    for (const answer of answers) expect(answer.text).not.toContain(SECRET)
  })
})

const SECRET = 'a secret word'

async function refusals(caller: Person) {
  const answers: unknown[] = []
  const wanted: unknown[] = []
  for (const route of routes) {
    const entry = caseOf(route)
    if (entry.kind !== 'refuses') continue
    for (const target of targets) {
      const answer = await attempt(route, entry.request(target, caller), caller.token)
      answers.push([nameOf(route), target.kind, said(answer)])
      wanted.push([nameOf(route), target.kind, entry.refusal(target)])
    }
  }
  return { answers, wanted }
}

/** A request, or a handshake where the route is a socket's. */
function attempt(route: Route, { path, json }: Request, token?: string): Promise<Answer> {
  if (route.socket) {
    return handshake(app.wsUrl + path, token === undefined ? {} : { Authorization: `Token ${token}` })
  }
  return ask(route.method, app.url + path, {
    ...(json === undefined ? {} : { json }),
    ...(token === undefined ? {} : { token }),
  })
}

function nameOf({ method, path }: Route): string {
  return `${method} ${path}`
}

function caseOf(route: Route): Case {
  const found = cases[nameOf(route)]
  if (found === undefined) throw new Error(`there is no case for ${nameOf(route)}`)
  return found
}

async function closedRoom(kind: 'private' | 'game'): Promise<Target> {
  const { id, name } = await room(owner, { type: kind, invited: [former] })
  await join(former, id)
  await former.call('POST', `/api/chat/groups/${encodeURIComponent(name)}/leave/`)
  await say(owner, name, SECRET)
  return { kind, id, name }
}

async function chat(): Promise<Target> {
  const { id } = await directChat(owner, await person(app))
  await talk(owner, id, [SECRET])
  return { kind: 'direct', id, name: `${id}` }
}
