// The page of v2's socket: everything that its AsyncAPI document has, under a strict policy.
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { Type as t } from '@sinclair/typebox'
import { type Answer, ask } from '../api/support/rest.ts'
import { parse } from '../api/support/shape.ts'
import { startApp, type TestApp } from '../support/app.ts'

const Document = t.Object({
  operations: t.Record(t.String(), t.Unknown()),
  components: t.Object({
    messages: t.Record(t.String(), t.Object({ examples: t.Array(t.Object({ payload: t.Unknown() })) })),
    schemas: t.Record(t.String(), t.Unknown()),
  }),
})

let app: TestApp
let page: Answer

beforeAll(async () => {
  app = await startApp()
  page = await ask('GET', `${app.url}/docs/socket`)
})
afterAll(() => app.close())

test('it shows every operation, message, schema and example of the document', async () => {
  const { operations, components } = parse(Document, (await ask('GET', `${app.url}/docs/asyncapi.json`)).json)
  const names = Object.keys(operations)
  expect(names.length).toBeGreaterThan(10)
  for (const name of names) expect(page.text).toContain(`id="operation-${name}"`)
  for (const name of Object.keys(components.schemas)) expect(page.text).toContain(`id="schema-${name}"`)
  for (const [name, { examples }] of Object.entries(components.messages)) {
    expect(page.text).toContain(`<h3>${name}</h3>`)
    for (const { payload } of examples)
      expect(page.text).toContain(Bun.escapeHTML(JSON.stringify(payload, null, 2)))
  }
})

test('every link leads somewhere, in the page and out of it', async () => {
  const links = [...page.text.matchAll(/(?:href|src)="([^"]*)"/g)].map(([, link = '']) => link)
  expect(links.length).toBeGreaterThan(100)
  for (const link of new Set(links.filter((each) => !each.startsWith('data:')))) {
    if (link.startsWith('#'))
      expect([link, page.text.includes(`id="${link.slice(1)}"`)]).toEqual([link, true])
    else
      expect([link, (await ask('GET', new URL(link, `${app.url}/docs/socket`).href)).status]).toEqual([
        link,
        200,
      ])
  }
})

test('it is HTML without scripts, under the policy of the documentation', async () => {
  expect(page.status).toBe(200)
  expect(page.headers.get('content-type')).toStartWith('text/html')
  expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
  expect(page.headers.get('etag')).not.toBeNull()
  expect(page.text).not.toMatch(/<script|undefined|\[object|(?<!<code)>null</)
  const slash = await ask('GET', `${app.url}/docs/socket/`)
  expect([slash.status, slash.headers.get('location')]).toEqual([308, '../socket'])
})

test('the page of the routes leads to it', async () => {
  const { json } = await ask('GET', `${app.url}/docs/json`)
  expect(json).toMatchObject({ externalDocs: { url: 'docs/socket' } })
})
