// A response that fails its own schema is the server's fault, whichever contract it is of.
import { expect, test } from 'bun:test'
import { Elysia, t } from 'elysia'
import postgres from 'postgres'
import { createTurns } from '../../src/core/index.ts'
import { createHttp } from '../../src/server/http/routes/routes.ts'
import { type Contract, createBodies, statusOf } from '../../src/server/index.ts'
import { ask } from '../api/support/rest.ts'
import { makeRoom, person } from '../api/v2/support/people.ts'
import { startApp } from '../support/app.ts'
import { loggerTo } from '../support/log-lines.ts'

const SECRET = 'canary-81b7'
const bodies = createBodies({ maxBodyBytes: 1024, bodyDeadlineMs: 1000 }, createTurns())

test('a response that violates its schema becomes a 500 in the contract’s shape, and the log names route and field', async () => {
  const { log, lines } = loggerTo('trace')
  const http = createHttp([careless], [], log, bodies)
  const response = await http.handle(new Request('http://localhost/careless/7?q=1'))
  expect(response.status).toBe(500)
  expect(await response.json()).toEqual({ careless: 'Internal server error' })
  const errors = lines.filter((line) => line.includes('"level":50'))
  expect(errors).toHaveLength(1)
  const [line = ''] = errors
  expect(JSON.parse(line)).toMatchObject({
    method: 'GET',
    route: '/careless/:id',
    err: {
      message: expect.stringMatching(/^the response does not match its schema: items\.0\.count: Expected/),
    },
  })
  expect(line).not.toContain(SECRET)
})

test('an invalid request is still reported as such', async () => {
  const { log, lines } = loggerTo('trace')
  const http = createHttp([careless], [], log, bodies)
  const request = new Request('http://localhost/careless', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"name": 7}',
  })
  expect((await http.handle(request)).status).toBe(400)
  expect(lines).toEqual([])
})

test('another fault is logged with its route as well', async () => {
  const { log, lines } = loggerTo('trace')
  const http = createHttp([careless], [], log, bodies)
  const response = await http.handle(new Request('http://localhost/careless/7', { method: 'DELETE' }))
  expect(response.status).toBe(500)
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { level: 50, method: 'DELETE', route: '/careless/:id', err: { message: 'it broke' } },
  ])
})

test('a row that no version of the server writes is reported as a server fault, not as bad input', async () => {
  const app = await startApp()
  const sql = postgres(app.databaseUrl, { max: 1 })
  try {
    const owner = await person(app)
    const room = await makeRoom(app, owner)
    await sql`update rooms set member_count = -7 where id = ${room}`
    const { status, json } = await ask('GET', `${app.url}/api/v2/rooms/${room}`, { token: owner.token })
    expect({ status, json }).toMatchObject({ status: 500, json: { code: 'internal', field: null } })
    const faults = app.logs().filter((line) => line.includes('"level":50'))
    expect(faults.map((line) => JSON.parse(line))).toMatchObject([
      {
        method: 'GET',
        route: '/api/v2/rooms/:room',
        err: { message: expect.stringContaining('member_count') },
      },
    ])
  } finally {
    await sql.end()
    await app.close()
  }
})

const careless: Contract = {
  name: 'careless',
  prefixes: ['/careless/'],
  docs: { about: 'Answers other than it says.', schemas: {} },
  routes: new Elysia({ prefix: '/careless' })
    .get('/:id', () => ({ items: [{ count: -1, text: SECRET }] }), {
      response: {
        200: t.Object({ items: t.Array(t.Object({ count: t.Integer({ minimum: 0 }), text: t.String() })) }),
      },
    })
    .post('/', () => 'done', { body: t.Object({ name: t.String() }) })
    .delete('/:id', () => {
      throw new Error('it broke')
    }),
  error: ({ kind, message }) => ({ status: statusOf[kind], body: { careless: message } }),
}
