// The OpenAPI document of routes as the framework's plugin writes them, without what the plugin writes for itself.
import { expect, test } from 'bun:test'
import { Elysia, t } from 'elysia'
import { openApi } from '../../src/server/docs/openapi.ts'
import { responseOf } from '../../src/server/index.ts'

const settings = { maxMessageLength: 10, minPasswordLength: 8, sessionCookie: 'session', basePath: '' }

const Item = t.Object({ label: t.String() }, { description: 'An item', title: 'Item' })
const Items = t.Array(Item, { description: 'The items', maxItems: 3 })
const Failure = t.Union([Item, t.Null()])

/** New routes on the same schemas. */
function parts() {
  const routes = new Elysia({ name: 'items', detail: { tags: ['Items'] } })
    .get('/items/:id/', () => ({ label: 'one' }), {
      headers: t.Object({ key: t.Optional(t.String()) }),
      query: t.Object({ limit: t.Optional(t.String(limit)) }),
      params: t.Object({ id: t.String() }),
      response: { 200: Item, 404: responseOf(Failure, { description: 'No item', name: 'NotFound' }) },
      detail: { operationId: 'getItem' },
    })
    .post('/items.json', () => [], {
      body: Item,
      response: { 200: Items, 204: t.Void(), 503: responseOf(t.String(), text) },
      detail: { operationId: 'sendItem' },
    })
  return [{ routes, docs: { about: 'What there is.', schemas: { Item, Items } } }]
}

const limit = { description: 'At most', examples: [5, 6], 'x-shown': { type: 'integer' } }
const text = { description: 'In words', mediaType: 'text/plain', example: 'later' }
const shown = { $ref: '#/components/schemas/Item' }

test('schemas get their names although the plugin takes them apart', async () => {
  const { paths, components, tags } = await openApi(parts(), settings)
  expect(tags).toEqual([{ name: 'Items', description: 'What there is.' }])
  expect(components.schemas).toEqual({
    Item: {
      title: 'Item',
      description: 'An item',
      type: 'object',
      required: ['label'],
      properties: { label: { type: 'string' } },
    },
    Items: { description: 'The items', type: 'array', maxItems: 3, items: shown },
  })
  expect(components.responses).toEqual({
    NotFound: {
      description: 'No item',
      content: { 'application/json': { schema: { anyOf: [shown, { type: 'null' }] } } },
    },
  })
  expect(paths).toEqual({
    '/items/{id}': {
      get: {
        tags: ['Items'],
        operationId: 'getItem',
        parameters: [
          { name: 'id', in: 'path', required: true, schema: { type: 'string' } },
          {
            name: 'limit',
            in: 'query',
            required: false,
            description: 'At most',
            example: 5,
            schema: { type: 'integer' },
          },
          { name: 'key', in: 'header', required: false, schema: { type: 'string' } },
        ],
        responses: {
          200: { description: 'An item', content: { 'application/json': { schema: shown } } },
          404: { $ref: '#/components/responses/NotFound' },
        },
      },
    },
    '/items.json': {
      post: {
        tags: ['Items'],
        operationId: 'sendItem',
        requestBody: { required: true, content: { 'application/json': { schema: shown } } },
        responses: {
          200: {
            description: 'The items',
            content: { 'application/json': { schema: { $ref: '#/components/schemas/Items' } } },
          },
          204: { description: 'Done' },
          503: {
            description: 'In words',
            content: { 'text/plain': { schema: { type: 'string' }, example: 'later' } },
          },
        },
      },
    },
  })
})

test('requests before it do not change the document, and the document does not change the routes', async () => {
  const [fresh, asked] = [parts(), parts()]
  const before = JSON.stringify(await openApi(fresh, settings))
  const app = new Elysia()
  for (const { routes } of asked) app.use(routes)
  const statuses = async () => [
    (await app.handle(new Request('http://localhost/items/7'))).status,
    (await app.handle(post({ label: 'one' }))).status,
    (await app.handle(post({ label: 1 }))).status,
  ]
  expect(await statuses()).toEqual([200, 200, 422])
  expect(JSON.stringify(await openApi(asked, settings))).toBe(before)
  expect(await statuses()).toEqual([200, 200, 422])
})

function post(body: unknown): Request {
  const headers = { 'content-type': 'application/json' }
  return new Request('http://localhost/items.json', { method: 'POST', headers, body: JSON.stringify(body) })
}
