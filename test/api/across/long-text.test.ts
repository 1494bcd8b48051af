// Text whose normalisation takes time that grows with the square of its length: 62 KB of it held the process up for seconds.
import { afterAll, beforeAll, expect, spyOn, test } from 'bun:test'
import { startApp, type TestApp } from '../../support/app.ts'
import { createJudge } from '../support/judge.ts'
import { type Route, routesOf } from '../support/routes.ts'
import { type V1User, v1Client } from '../support/v1-client.ts'

/** A letter with marks above and below in turn, which are put in order one by one. */
const marked = (marks: number) => `a${'\u0301\u0323'.repeat(marks / 2)}`
/** As long as a body can be. */
const BODY = marked(31_000)
/** Together as long as a request's first line can be. */
const lines = (count: number) => encodeURIComponent(marked(2 * Math.floor(1100 / Math.max(2, count))))
/** In UTF-16 units: four for each character of the longest name. */
const MOST_NORMALIZED = 600

const normalizing = spyOn(String.prototype, 'normalize')

let app: TestApp
let routes: Route[]
let user: V1User

beforeAll(async () => {
  app = await startApp()
  routes = await routesOf(app)
  user = await v1Client(app).user()
})
afterAll(async () => {
  normalizing.mockRestore()
  await app.close()
})

test('no route normalises a text that is longer than any name, in any field and for any caller', async () => {
  const judge = createJudge(app)
  for (const route of routes.filter(({ fields }) => fields !== null)) {
    const json = Object.fromEntries((route.fields ?? []).map((name) => [name, BODY]))
    for (const who of [{}, { token: user.token }]) await judge.ask(route, fill(route.path), { json, ...who })
  }
  expect(judge.findings()).toEqual([])
  expect(longestNormalized()).toBeLessThanOrEqual(MOST_NORMALIZED)
})

test('no route normalises such a text in its path or query', async () => {
  const judge = createJudge(app)
  for (const route of routes) {
    for (const name of route.queries) {
      await judge.ask(route, `${fill(route.path)}?${name}=${lines(1)}`, { token: user.token })
    }
    const holes = [...route.path.matchAll(/\{[^}]+\}/g)].length
    const path = route.path.replaceAll(/\{[^}]+\}/g, lines(holes))
    await judge.ask(route, path, { token: user.token, ...(route.fields === null ? {} : { json: {} }) })
  }
  expect(judge.findings()).toEqual([])
  expect(longestNormalized()).toBeLessThanOrEqual(MOST_NORMALIZED)
})

test('a name of 150 characters is accepted decomposed, with its marks in any order', async () => {
  const pieces = 'a\u0301\u0323'
  expect(pieces.normalize('NFKC').length).toBe(2)
  const made = await v1Client(app).user(pieces.repeat(75))
  expect(made.username).toBe(pieces.normalize('NFKC').repeat(75))
})

function fill(path: string): string {
  return path.replaceAll(/\{[^}]+\}/g, '1')
}

/** The length of the longest text that was normalised so far; the routes above do normalise some. */
function longestNormalized(): number {
  expect(normalizing.mock.contexts.length).toBeGreaterThan(0)
  return Math.max(...normalizing.mock.contexts.map((text) => String(text).length))
}
