// What programs read from the OpenAPI document: names, constants, numbers, and no complaint of a linter.
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { createConfig, lintFromString } from '@redocly/openapi-core'
import { type Static, Type as t } from '@sinclair/typebox'
import { unnamedObjects } from '../api/support/openapi.ts'
import { parse } from '../api/support/shape.ts'
import { startApp, type TestApp } from '../support/app.ts'

const Parameter = t.Object({ name: t.String(), schema: t.Record(t.String(), t.Unknown()) })
const Operation = t.Object({ operationId: t.String(), parameters: t.Optional(t.Array(Parameter)) })
const Document = t.Object({
  components: t.Object({ schemas: t.Record(t.String(), t.Unknown()) }),
  paths: t.Record(t.String(), t.Record(t.String(), Operation)),
  tags: t.Array(t.Object({ name: t.String() })),
})

let app: TestApp
let text: string
let document: Static<typeof Document>

beforeAll(async () => {
  app = await startApp({ MAX_MESSAGE_LENGTH: '1234', PASSWORD_MIN_LENGTH: '11' })
  // The document does not depend on which routes were asked before.
  await fetch(`${app.url}/api/v2/rooms/7`)
  text = await (await fetch(`${app.url}/docs/json`)).text()
  document = parse(Document, JSON.parse(text))
})
afterAll(() => app.close())

test('a linter has no complaint', async () => {
  const config = await createConfig({
    extends: ['recommended-strict'],
    rules: {
      // A socket's success is 101, and whether the process lives is told to everyone.
      'operation-2xx-response': 'off',
      'operation-4xx-response': 'off',
    },
  })
  const complaints = await lintFromString({ source: text, absoluteRef: '/openapi.json', config })
  expect(complaints.map(({ ruleId, message, location }) => [ruleId, message, location[0]?.pointer])).toEqual(
    [],
  )
})

test('every object has a name, and what is named is there once', () => {
  expect(unnamedObjects(JSON.parse(text), '')).toEqual([])
  expect(text.length).toBeLessThan(270_000)
})

test('no keyword of the server’s own is left', () => {
  expect(text.match(/"x-[a-z-]+":/g) ?? []).toEqual([])
})

test('choices between words are enumerations', () => {
  expect(document.components.schemas.Role).toMatchObject({
    type: 'string',
    enum: ['owner', 'admin', 'member'],
  })
  expect(text).not.toContain('"anyOf":[{"const"')
})

test('ids and limits in addresses are integers with their ranges', () => {
  const parameters = operations().flatMap(([path, { parameters = [] }]) =>
    parameters.map((parameter) => ({ path, ...parameter })),
  )
  const numbers = parameters.filter(
    ({ name, schema }) =>
      /^(limit|before|after|around|seq|messages)$/.test(name) && schema.format !== 'date-time',
  )
  expect(numbers.length).toBeGreaterThan(20)
  for (const { path, name, schema } of numbers) {
    expect([path, name, schema.type, typeof schema.minimum]).toEqual([path, name, 'integer', 'number'])
  }
  const room = parameters.find(({ path, name }) => path === '/api/v2/rooms/{room}' && name === 'room')
  expect(room?.schema).toEqual({ type: 'integer', minimum: 1, maximum: Number.MAX_SAFE_INTEGER })
})

test('limits that the operator sets are told as they are set', () => {
  expect(document.components.schemas).toMatchObject({
    NewMessage: { properties: { body: { maxLength: 1234 } } },
    NewUser: { properties: { password: { minLength: 11, maxLength: 256 } } },
  })
})

test('each operation has a short name', () => {
  const ids = operations().map(([, { operationId }]) => operationId)
  expect(ids.filter((id) => !/^[a-z][A-Za-z0-9]{3,19}$/.test(id))).toEqual([])
  expect(ids).toEqual([...new Set(ids)])
})

function operations() {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.values(methods).map((operation) => [path, operation] as const),
  )
}
