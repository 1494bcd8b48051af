import type { Route } from '../../api/support/routes.ts'
import type { Random } from '../../e2e/random.ts'
import { anyJson, everyJson, type JsonText } from './json.ts'
import { judged } from './judge.ts'
import type { Scene } from './scene.ts'
import { anyText, hostileText, kindsOfText } from './texts.ts'

/** Something to do to a server. @returns what was wrong with its answer, or null */
export interface Attack {
  readonly name: string
  run(): Promise<string | null>
}

/**
 * Each field, each body as a whole and each parameter of each route with hostile values.
 * @param kinds how many of each, chosen at random
 */
export function everyField(scene: Scene, random: Random, kinds: number): Attack[] {
  const jsons = everyJson(scene.mostBytes)
  const within = everyJson(scene.mostBytes - ENVELOPE_BYTES)
  const texts = kindsOfText.map((kind): [string, string] => [kind, encoded(hostileText(kind, QUERY_BYTES))])
  const values = [...texts, ...NUMBERS.map((number): [string, string] => [number.slice(0, 20), number])]
  const some = <T>(all: readonly T[]) => shuffled(all, random).slice(0, kinds)
  const attacks = scene.routes.flatMap((route) => [
    ...(route.fields ?? []).flatMap((field) =>
      some(within).map(([kind, value]) => {
        const body = bodyOf(scene, route, random, { [field]: value })
        return attack(scene, route, random, { name: `${kind} as ${field}`, body })
      }),
    ),
    ...some(route.fields === null ? [] : jsons).map(([kind, body]) =>
      attack(scene, route, random, { name: kind, body }),
    ),
    ...route.queries.flatMap((name) =>
      some(values).map(([kind, value]) =>
        attack(scene, route, random, { name: `${kind} as ${name}`, query: `${name}=${value}` }),
      ),
    ),
  ])
  return shuffled(attacks, random)
}

/**
 * Every list as long as it may be, many times at once: of a room of many messages, and of one of long ones.
 * @param kinds in how many of the two, chosen at random
 */
export function everyFlood(scene: Scene, random: Random, kinds: number): Attack[] {
  const lists = scene.routes.filter(({ method, socket }) => method === 'GET' && !socket)
  return lists.flatMap((route) =>
    shuffled(scene.rooms.slice(0, 2), random)
      .slice(0, kinds)
      .map((room) => {
        const most = route.queries.flatMap((name) => (LENGTHS.includes(name) ? [`${name}=200`] : []))
        const target = { ...scene, rooms: [room] }
        const asked = Array.from({ length: AT_ONCE }, () =>
          attack(target, route, random, { name: 'a flood', query: most.join('&') }),
        )
        return {
          name: `${route.method} ${route.path}: ${AT_ONCE} at once, of room ${room}`,
          async run() {
            const problems = await Promise.all(asked.map(({ run }) => run()))
            return problems.find((problem) => problem !== null) ?? null
          },
        }
      }),
  )
}

/** Any of all that can be wrong with a request, at random. */
export function anyRequest(scene: Scene, random: Random): Attack {
  const route = pick(random, scene.routes)
  return attack(scene, route, random, {
    name: 'at random',
    ...(route.fields === null || random.below(4) === 0 ? {} : { body: anyBody(scene, route, random) }),
    query: random.below(3) === 0 ? anyQuery(route, random) : '',
    path: random.below(4) === 0 ? encoded(anyText(random, PATH_BYTES)) : undefined,
    headers: random.below(3) === 0 ? anyHeaders(random) : {},
  })
}

interface Wrong {
  readonly name: string
  readonly body?: string
  readonly query?: string
  /** In place of one of the path's parameters. */
  readonly path?: string | undefined
  readonly headers?: Record<string, string>
}

function attack(
  scene: Scene,
  route: Route,
  random: Random,
  { name, body, query = '', path, headers = {} }: Wrong,
): Attack {
  const who = pick(random, scene.people)
  const target = pathOf(scene, route, random, path)
  const init: RequestInit = {
    method: route.method,
    redirect: 'manual',
    headers: {
      authorization: `Token ${who.token}`,
      'x-forwarded-for': addressOf(random),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined || route.method === 'GET' ? {} : { body }),
  }
  const mayWait = route.queries.includes('wait') || (route.fields?.includes('wait') ?? false)
  return {
    name: `${route.method} ${route.path}: ${name}`,
    async run() {
      const request = new Request(`${scene.node.url}${target}${query === '' ? '' : `?${query}`}`, init)
      if (!mayWait) return judged(await fetch(request, { signal: AbortSignal.timeout(ANSWER_MS) }))
      // Whoever is told nothing yet goes away.
      const signal = AbortSignal.timeout(WAITING_MS)
      const answer = await fetch(request, { signal }).catch((error: unknown) => {
        if (signal.aborted) return null
        throw error
      })
      return answer && judged(answer)
    },
  }
}

/** Good values for every field, but for those that are given. */
function bodyOf(scene: Scene, route: Route, random: Random, given: Record<string, JsonText>): string {
  const fields = (route.fields ?? []).map(
    (field) => `"${field}":${given[field] ?? goodValue(scene, field, random)}`,
  )
  return `{${fields.join()}}`
}

function anyBody(scene: Scene, route: Route, random: Random): string {
  if (random.below(4) === 0) return anyJson(random, scene.mostBytes)
  const fields = route.fields ?? []
  const share = Math.floor((scene.mostBytes - 200) / Math.max(1, fields.length))
  const given = fields.flatMap((field) => (random.below(2) === 0 ? [[field, anyJson(random, share)]] : []))
  return bodyOf(scene, route, random, Object.fromEntries(given))
}

function goodValue({ people, rooms, roomName }: Scene, field: string, random: Random): JsonText {
  const person = pick(random, people)
  switch (field) {
    case 'username':
    case 'name':
      return JSON.stringify(`name ${random.below(1e9)}`.replace(' ', '-'))
    case 'password':
    case 'current_password':
    case 'new_password':
      return '"correct horse battery"'
    case 'user':
      return String(person.id)
    case 'user_id':
      return random.below(2) === 0 ? String(person.id) : `"${person.id}"`
    case 'users':
    case 'invited':
    case 'invited_users':
      return `[${person.id}]`
    case 'room_id':
      return String(pick(random, rooms))
    case 'room':
      return JSON.stringify(roomName)
    case 'type':
    case 'kind':
      return '"public"'
    case 'message_type':
      return '"text"'
    case 'role':
      return '"member"'
    case 'reply_to':
    case 'read_seq':
    case 'delivered_seq':
      return '1'
    default:
      return '"hello"'
  }
}

function pathOf(
  { people, rooms, roomName }: Scene,
  { path }: Route,
  random: Random,
  wrong: string | undefined,
): string {
  let replaced = false
  return path.replaceAll(/\{([^}]+)\}/g, (_, name: string) => {
    if (wrong !== undefined && !replaced) {
      replaced = true
      return wrong
    }
    if (name === 'seq') return String(1 + random.below(1000))
    if (name === 'user' || name === 'user_id') return String(pick(random, people).id)
    const byName = name === 'room' && !path.startsWith('/api/v2/')
    return byName ? encoded(roomName) : String(pick(random, rooms))
  })
}

function anyQuery({ queries }: Route, random: Random): string {
  const name = queries[random.below(queries.length)] ?? 'limit'
  switch (random.below(4)) {
    case 0:
      return `${name}=${encoded(anyText(random, QUERY_BYTES))}`
    case 1:
      return `${name}=${pick(random, NUMBERS)}`
    case 2:
      return Array.from({ length: 1500 }, (_, n) => `${name}=${n}`).join('&')
    default:
      return `${'%'.repeat(random.below(3000))}${'&'.repeat(random.below(3000))}${name}[]=${'['.repeat(random.below(3000))}`
  }
}

function anyHeaders(random: Random): Record<string, string> {
  const long = 'x'.repeat(10 ** random.below(5))
  const all: Record<string, string>[] = [
    Object.fromEntries(Array.from({ length: 90 }, (_, n) => [`x-${n}`, 'x'.repeat(100)])),
    { cookie: Array.from({ length: 1500 }, (_, n) => `a${n}=1`).join('; ') },
    { cookie: `parley_session=${'%'.repeat(10_000)}` },
    { authorization: `Token ${long}` },
    { authorization: `${' '.repeat(5000)}Bearer ${long}` },
    { 'x-forwarded-for': Array.from({ length: 900 }, (_, n) => `10.0.0.${n % 256}`).join(', ') },
    { 'x-forwarded-for': `${':'.repeat(5000)}` },
    { origin: `https://${long}` },
    { 'content-type': `application/json${';'.repeat(10_000)}` },
    { 'content-type': 'application/x-www-form-urlencoded' },
    { 'content-type': `multipart/form-data; boundary=${long.slice(0, 60)}` },
    { 'idempotency-key': long },
    { accept: '*/*,'.repeat(2000), 'accept-encoding': 'gzip,'.repeat(1000) },
    { range: `bytes=${'0-1,'.repeat(2000)}` },
    { upgrade: 'websocket', 'sec-websocket-version': '13', 'sec-websocket-key': 'x' },
    { 'if-none-match': '"x",'.repeat(2000) },
  ]
  return pick(random, all)
}

/** Past what Bun takes of a request's head, a request is refused before anyone sees it. */
const QUERY_BYTES = 4000
/** What stands around one field's value. */
const ENVELOPE_BYTES = 600
const PATH_BYTES = 4000
const ANSWER_MS = 30_000
const WAITING_MS = 500
/** Requests of a flood, and the parameters that say how long a list is to be. */
const AT_ONCE = 10
const LENGTHS = ['limit', 'page_size', 'messages']
const NUMBERS = ['999999999', '-1', '0', '1e9', '9007199254740993', `${'9'.repeat(4000)}`, 'NaN', '1,1']

function encoded(text: string): string {
  return encodeURIComponent(text.toWellFormed())
}

/** A client address of its own. */
export function addressOf(random: Random): string {
  return `10.${random.below(256)}.${random.below(256)}.${random.below(256)}`
}

export function pick<T>(random: Random, all: readonly T[]): T {
  const chosen = all[random.below(all.length)]
  if (chosen === undefined) throw new Error('there is nothing to choose from')
  return chosen
}

export function shuffled<T>(all: readonly T[], random: Random): T[] {
  return all
    .map((each) => [random.below(2 ** 31), each] as const)
    .sort(([a], [b]) => a - b)
    .map(([, each]) => each)
}
