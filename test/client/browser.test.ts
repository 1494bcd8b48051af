import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { Browser } from 'playwright-core'
import { type Client, createClient, type SignedIn } from '../../src/client/index.ts'
import { bundleClient } from '../../src/client-bundle.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { launchChromium } from '../support/chromium.ts'
import { until } from '../support/until.ts'
import { bodiesIn, signUp } from './support/people.ts'

let app: TestApp
let browser: Browser
let alice: SignedIn
let client: Client

beforeAll(async () => {
  const launched = launchChromium()
  app = await startApp()
  alice = await signUp(app.url, 'alice')
  client = createClient({ url: app.url, token: alice.token })
  browser = await launched
})
afterAll(async () => {
  await browser.close()
  await client.close()
  await app.close()
})

test('a page talks with a program, and what it has not sent survives its reload', async () => {
  const bob = await signUp(app.url, 'bob')
  const { id } = await client.api.directs.open(bob.user.id)
  const room = client.room(id)
  await room.open()

  const complaints: string[] = []
  const page = await (await browser.newContext()).newPage()
  page.on('pageerror', (error) => void complaints.push(error.message))
  await using site = serve(await bundleClient(), { url: app.url, token: bob.token, room: id })
  await page.goto(site.url.href)
  await page.waitForFunction("window.client?.status === 'live'")
  room.send('from the program')
  await page.waitForFunction("room.getSnapshot().messages.at(-1)?.body === 'from the program'")
  await page.evaluate("room.send('from the page').done")
  await until(() => bodiesIn(room).at(-1) === 'from the page', 'the message of the page')

  await page.evaluate("client.disconnect(), room.send('one'), room.send('two'), null")
  expect(await page.evaluate('client.getSnapshot().unsent')).toBe(2)
  await page.reload()
  await until(() => bodiesIn(room).length === 4, 'what the page had not sent')
  expect(bodiesIn(room)).toEqual(['from the program', 'from the page', 'one', 'two'])
  await page.waitForFunction('client.getSnapshot().unsent === 0 && localStorage.length === 0')
  expect(complaints).toEqual([])
})

test('a page of another origin is told so by its first call where it is refused, and signs in where it is allowed', async () => {
  const development = await startApp({ DATABASE_URL: app.databaseUrl, NODE_ENV: 'development' })
  const page = await (await browser.newContext()).newPage()
  await using site = serve(await bundleClient(), { url: app.url, token: alice.token, room: 1 })
  // Development allows the page; the server of the other tests refuses it.
  await page.goto(site.url.href)
  const call = (url: string) =>
    page.evaluate(`(async () => {
      const { register } = await import('/parley-client.js')
      const account = { username: 'page-${crypto.randomUUID()}', password: 'correct horse battery staple' }
      return register('${url}', account).then(() => 'done', (error) => error.message)
    })()`)
  const { origin } = site.url
  expect(await call(app.url)).toBe(
    `The server was not reached, or it does not allow pages of ${origin} (ALLOWED_ORIGINS)`,
  )
  const told = app.logs().filter((line) => line.includes('ALLOWED_ORIGINS'))
  expect(told).toEqual([expect.stringContaining(`a page of ${origin} was refused`)])
  expect(await call(development.url)).toBe('done')
  await development.close()
})

/** The site of a page that follows a room: another origin than the server's. */
function serve(bundle: string, given: { url: string; token: string; room: number }) {
  const html = `<!doctype html><script type="module">
    import { createClient, webStorage } from '/parley-client.js'
    const { url, token, room } = ${JSON.stringify(given)}
    window.client = createClient({ url, token, storage: webStorage(localStorage) })
    window.room = client.room(room)
    window.room.open()
  </script>`
  return Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    routes: {
      '/': new Response(html, { headers: { 'content-type': 'text/html' } }),
      '/parley-client.js': new Response(bundle, { headers: { 'content-type': 'text/javascript' } }),
    },
  })
}
