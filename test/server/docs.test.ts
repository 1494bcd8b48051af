import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { type Static, Type as t } from '@sinclair/typebox'
import { openApiOf } from '../api/support/openapi.ts'
import { ask } from '../api/support/rest.ts'
import { parse } from '../api/support/shape.ts'
import { startApp, type TestApp } from '../support/app.ts'

const Text = t.String({ minLength: 2 })
const Schema = t.Object({
  type: t.Optional(t.String()),
  description: t.Optional(t.String()),
  examples: t.Optional(t.Array(t.Unknown(), { minItems: 1 })),
  properties: t.Optional(t.Record(t.String(), t.Unknown())),
  items: t.Optional(t.Unknown()),
})
const Content = t.Record(t.String(), t.Object({ schema: Schema }))
const Operation = t.Object({
  operationId: Text,
  tags: t.Array(Text, { minItems: 1 }),
  summary: Text,
  parameters: t.Optional(
    t.Array(
      t.Object({
        name: t.String(),
        in: t.Union([t.Literal('path'), t.Literal('query'), t.Literal('header')]),
        description: Text,
        required: t.Boolean(),
        example: t.Unknown(),
        schema: Schema,
      }),
    ),
  ),
  requestBody: t.Optional(t.Object({ content: Content })),
  security: t.Optional(t.Array(t.Unknown())),
  responses: t.Record(t.String(), t.Object({ description: Text, content: t.Optional(Content) })),
})
const Document = t.Object({
  openapi: t.String({ pattern: '^3\\.[01]\\.' }),
  info: t.Object({ title: Text, version: Text, description: Text }),
  components: t.Object({ securitySchemes: t.Record(t.String(), t.Unknown()) }),
  paths: t.Record(t.String(), t.Record(t.String(), t.Unknown())),
})

/** What the contracts promise, whatever the server's own list says. */
const promised = [
  'POST /api/auth/register',
  'POST /api/auth/login',
  'POST /api/auth/logout',
  'POST /api/auth/ticket',
  'POST /api-token-auth',
  'POST /chat/create-room',
  'POST /chat/join-room',
  'GET /chat/rooms',
  'DELETE /chat/rooms/{}',
  'POST /chat/rooms/{}/invite',
  'GET /chat/rooms/{}/messages',
  'POST /chat/send',
  'GET /chat/history',
  'GET /api/users',
  'GET /api/chats',
  'POST /api/chats/create',
  'GET /api/chat/groups',
  'GET /api/chat/groups/all',
  'POST /api/chat/groups/{}/join',
  'POST /api/chat/groups/{}/leave',
  'GET /api/chat/groups/{}/members',
  'GET /api/chat/groups/{}/messages',
  'GET /ws/chat/{}',
  'POST /api/v1/rooms',
  'GET /api/v1/rooms',
  'GET /api/v1/rooms/{}',
  'POST /api/v1/users',
  'GET /api/v1/users',
  'GET /api/v1/users/{}',
  'POST /api/v1/rooms/{}/messages',
  'GET /api/v1/rooms/{}/messages',
  'GET /api/v1/ws/{}/{}',
  'POST /api/v2/users',
  'POST /api/v2/tokens',
  'GET /api/v2/users',
  'GET /api/v2/users/{}',
  'GET /api/v2/me',
  'PATCH /api/v2/me',
  'PUT /api/v2/me/password',
  'GET /api/v2/me/tokens',
  'POST /api/v2/me/tokens',
  'DELETE /api/v2/me/tokens',
  'DELETE /api/v2/me/tokens/{}',
  'POST /api/v2/me/tickets',
  'GET /api/v2/rooms',
  'POST /api/v2/rooms',
  'GET /api/v2/rooms/{}',
  'PATCH /api/v2/rooms/{}',
  'DELETE /api/v2/rooms/{}',
  'GET /api/v2/rooms/{}/snapshot',
  'GET /api/v2/rooms/{}/members',
  'GET /api/v2/rooms/{}/members/{}',
  'PUT /api/v2/rooms/{}/members/me',
  'PATCH /api/v2/rooms/{}/members/{}',
  'DELETE /api/v2/rooms/{}/members/{}',
  'GET /api/v2/rooms/{}/invitations',
  'POST /api/v2/rooms/{}/invitations',
  'DELETE /api/v2/rooms/{}/invitations/{}',
  'GET /api/v2/rooms/{}/messages',
  'POST /api/v2/rooms/{}/messages',
  'GET /api/v2/rooms/{}/messages/{}',
  'PATCH /api/v2/rooms/{}/messages/{}',
  'DELETE /api/v2/rooms/{}/messages/{}',
  'GET /api/v2/rooms/{}/changes',
  'PUT /api/v2/rooms/{}/marks',
  'GET /api/v2/rooms/{}/presence',
  'GET /api/v2/unread',
  'POST /api/v2/directs',
  'GET /api/v2/socket',
]

interface Documented {
  readonly name: string
  readonly path: string
  readonly operation: Static<typeof Operation>
}

let app: TestApp
let operations: Documented[]
let schemes: string[]

beforeAll(async () => {
  app = await startApp()
  const { paths, components } = parse(Document, await openApiOf(app))
  schemes = Object.keys(components.securitySchemes)
  operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => {
      const name = `${method.toUpperCase()} ${path}`
      try {
        return { name, path, operation: parse(Operation, operation) }
      } catch (error) {
        throw new Error(`${name}: ${error}`)
      }
    }),
  )
})
afterAll(() => app.close())

describe('/docs/json', () => {
  test('has every route that the contracts promise', () => {
    const documented = operations.map(({ name }) => name.replaceAll(/\{[^}]*\}/g, '{}').replace(/\/$/, ''))
    expect(promised.filter((route) => !documented.includes(route))).toEqual([])
  })

  test('names each operation once', () => {
    const ids = operations.map(({ operation }) => operation.operationId)
    expect(ids).toEqual([...new Set(ids)])
  })

  test('describes every parameter in a path, with an example', () => {
    const undescribed = operations.filter(({ path, operation }) => {
      const named = [...path.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name)
      const described = (operation.parameters ?? []).flatMap((p) =>
        p.in === 'path' && p.required ? [p.name] : [],
      )
      return named.some((name) => name === undefined || !described.includes(name))
    })
    expect(undescribed.map(({ name }) => name)).toEqual([])
  })

  test('says how to sign in, and which routes are public', () => {
    expect(schemes.toSorted()).toEqual(['bearer', 'session', 'token'])
    const open = operations
      .filter(({ operation }) => operation.security?.length === 0)
      .map(({ name }) => name)
    expect(open.toSorted()).toEqual([
      'GET /api/v2/socket',
      'GET /healthz',
      'GET /readyz',
      'POST /api-token-auth',
      'POST /api/auth/login',
      'POST /api/auth/register',
      'POST /api/v1/users',
      'POST /api/v2/tokens',
      'POST /api/v2/users',
    ])
  })

  test('gives an example of each field of a request and of a response', () => {
    const lacking = operations.flatMap(({ name, operation }) =>
      schemasOf(operation).flatMap(([where, schema]) =>
        fieldsWithout(schema).map((field) => `${name} ${where} ${field}`),
      ),
    )
    expect(lacking).toEqual([])
  })

  test('describes success and each error, as JSON only, but for streams of events and files', () => {
    for (const { name, path, operation } of operations) {
      if (path === '/healthz' || path === '/readyz') continue
      const problems = path.startsWith('/api/v2/')
      for (const [status, { content }] of Object.entries(operation.responses)) {
        const success = OTHER_TYPES[path] ?? 'application/json'
        const type = problems && Number(status) >= 400 ? 'application/problem+json' : success
        // No content where there is nothing to say, such as after a deletion.
        expect([name, status, Object.keys(content ?? { [type]: {} })]).toEqual([name, status, [type]])
      }
      const body = operation.requestBody?.content ?? { 'application/json': {} }
      expect([name, Object.keys(body)]).toEqual([
        name,
        [name === 'POST /api/v2/rooms/{room}/attachments' ? 'multipart/form-data' : 'application/json'],
      ])
    }
  })

  test('lists the errors that any route of a contract may return, and at least one success', () => {
    for (const { name, path, operation } of operations) {
      if (path === '/healthz' || path === '/readyz') continue
      const statuses = Object.keys(operation.responses)
      expect([name, statuses]).toEqual([name, expect.arrayContaining(['429', '500'])])
      if (/\/ws\//.test(path))
        expect([name, statuses]).toEqual([name, expect.arrayContaining(['400', '401', '404'])])
      else if (path === '/api/v2/socket')
        expect([name, statuses]).toEqual([name, expect.arrayContaining(['400', '401', '403'])])
      else expect([name, statuses.filter((status) => /^[23]/.test(status)).length]).not.toEqual([name, 0])
      // Document 5's list is closed.
      if (!path.startsWith('/api/v1')) continue
      expect(statuses.filter((s) => !['101', '200', '400', '401', '404', '429', '500'].includes(s))).toEqual(
        [],
      )
    }
  })
})

/** Routes whose answers are not JSON. */
const OTHER_TYPES: Readonly<Record<string, string>> = {
  '/api/v2/events': 'text/event-stream',
  '/api/v2/files/{attachment}/{variant}': 'application/octet-stream',
}

describe('/docs', () => {
  test('is a page under a strict policy, with all parts served from this server', async () => {
    const page = await ask('GET', `${app.url}/docs`)
    expect(page.status).toBe(200)
    expect(page.headers.get('content-type')).toStartWith('text/html')
    expect(page.headers.get('x-content-type-options')).toBe('nosniff')
    const policy = page.headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("script-src 'self'")
    expect(policy).not.toMatch(/script-src[^;]*unsafe|https?:|\*/)
    const parts = [...page.text.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, url]) => url ?? '')
    expect(parts.length).toBeGreaterThan(2)
    expect(page.text).not.toMatch(/<script>|https?:\/\//)
    for (const part of parts.filter((url) => !url.startsWith('data:'))) {
      expect(part).toMatch(/^docs\/assets\/[\w-]+\.[0-9a-f]{16}\.\w+$/)
      const { status, headers } = await ask('GET', new URL(part, `${app.url}/docs`).href)
      expect([part, status]).toEqual([part, 200])
      const type = part.endsWith('.css') ? 'text/css' : 'text/javascript'
      expect(headers.get('content-type')).toStartWith(type)
      // Another content has another address.
      expect(headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
    }
  })

  test('loads its parts from a node of another version, too, which nobody keeps', async () => {
    for (const name of [`start.${'0'.repeat(16)}.js`, 'start.js']) {
      const { status, headers, text } = await ask('GET', `${app.url}/docs/assets/${name}`)
      expect([status, headers.get('cache-control')]).toEqual([200, 'no-cache'])
      expect(text).toContain('SwaggerUIBundle')
    }
    for (const name of ['start.css', '.js', 'start', '%2e%2e%2fdocs', `start.${'0'.repeat(15)}.js`]) {
      expect([name, (await ask('GET', `${app.url}/docs/assets/${name}`)).status]).toEqual([name, 404])
    }
  })

  test('with a slash leads to the page, whose addresses are relative', async () => {
    const { status, headers } = await ask('GET', `${app.url}/docs/`)
    expect([status, headers.get('location')]).toEqual([308, '../docs'])
  })

  test('is the only page: other pages of the plugin behind it are not served', async () => {
    for (const path of ['/swagger', '/swagger/json', '/docs/plain', '/openapi', '/docs/assets/index.html']) {
      expect([path, (await ask('GET', app.url + path)).status]).toEqual([path, 404])
    }
  })
})

function schemasOf(operation: Static<typeof Operation>): [string, Static<typeof Schema>][] {
  const body = operation.requestBody === undefined ? [] : [['body', operation.requestBody.content] as const]
  const responses = Object.entries(operation.responses).map(([s, { content }]) => [s, content ?? {}] as const)
  return [...body, ...responses].flatMap(([where, content]) =>
    Object.values(content).map(({ schema }): [string, Static<typeof Schema>] => [where, schema]),
  )
}

/** The fields, however deep, for which there is no example to show. */
function fieldsWithout(value: unknown, path = ''): string[] {
  const schema = parse(Schema, value)
  if (
    schema.examples !== undefined ||
    schema.type === 'boolean' ||
    'const' in schema ||
    'enum' in schema ||
    'anyOf' in schema
  )
    return []
  if (schema.properties !== undefined) {
    return Object.entries(schema.properties).flatMap(([key, field]) => fieldsWithout(field, `${path}.${key}`))
  }
  if (schema.items !== undefined) return fieldsWithout(schema.items, `${path}[]`)
  return path === '' ? [] : [path]
}
