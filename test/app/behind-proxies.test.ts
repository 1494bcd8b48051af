// Two nodes behind HAProxy, nginx and Caddy, configured as the page on balancers says, as the whole host and below a path: the page,
// the documentation, sockets, cookies and links in a browser.
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test'
import type { Browser, Page } from 'playwright-core'
import { EventReader } from '../api/v2/support/event-reader.ts'
import { makeRoom, pair, say } from '../api/v2/support/people.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { launchChromium } from '../support/chromium.ts'
import {
  type MountPoint,
  type ProxyServer,
  pathOf,
  type StartProxy,
  startCaddy,
  startHaproxy,
  startNginx,
} from '../support/proxies/index.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'
import { createMigratedDatabase } from '../support/shared-postgres.ts'

const PASSWORD = 'correct horse battery'
const PROXIES: readonly [string, StartProxy][] = [
  ['HAProxy', startHaproxy],
  ['nginx', startNginx],
  ['Caddy', startCaddy],
]

let browser: Browser
/** One for all tests, since a page of its own for each would cost more than all the rest. */
let page: Page
/** Where the page is. */
let place = ''
let redis: RedisServer
/** By where clients see them. */
let nodes: Readonly<Record<MountPoint, readonly TestApp[]>>
const proxies: ProxyServer[] = []
/** Errors on a page, and requests that leave the place of the server. */
const complaints: string[] = []

beforeAll(async () => {
  const launched = launchChromium()
  redis = await startRedis()
  const [host, path] = await Promise.all([startNodes('host'), startNodes('path')])
  nodes = { host, path }
  browser = await launched
  page = await makePage()
})
afterEach(async () => {
  await page.context().clearCookies()
  await page.goto('about:blank')
  for (const proxy of proxies.splice(0)) await proxy.remove()
  expect(complaints.splice(0)).toEqual([])
})
afterAll(async () => {
  await browser.close()
  await Promise.all([...nodes.host, ...nodes.path].map((node) => node.close()))
  await redis.remove()
})

describe.each<[string, MountPoint]>([
  ['as the whole host', 'host'],
  ['below a path', 'path'],
])('%s', (_, mount) => {
  test.each(PROXIES)('behind %s pages, sockets, cookies and links work', async (_, startProxy) => {
    const url = await behind(startProxy, mount)
    await expectTalk(url)
    await expectCookies(url, `${pathOf(mount)}/`)
    await expectDocuments(url)
  })
})

test('the documentation tries requests out below a path', async () => {
  await expectDocumentation(await behind(startNginx, 'path'))
})

describe('nodes that nobody has told of a path', () => {
  test('work behind an nginx that takes a path off', async () => {
    const url = await behind((ports) =>
      startNginx(ports, 'path', (text) => text.replace('http://parley;', 'http://parley/;')),
    )
    await expectTalk(url)
    await expectDocumentation(url)
  })

  test('behind an nginx that passes no upgrades on, the page works by events, and the log says so once', async () => {
    const url = await behind((ports) =>
      startNginx(ports, 'host', (text) => text.replaceAll(/^.*(Upgrade|Connection) .*$/gm, '')),
    )
    await expectTalk(url)
    // The browser tells of each handshake and request that fails.
    expect(complaints.splice(0).filter((text) => !/WebSocket|400/.test(text))).toEqual([])
    const warnings = nodes.host.map(({ logs }) => logs().filter((line) => line.includes('Upgrade header')))
    for (const lines of warnings) expect(lines.length).toBeLessThanOrEqual(1)
    expect(warnings.flat()).not.toBeEmpty()
  })
})

describe('streams of events', () => {
  test.each(PROXIES)('pass %s as they come, and go on over another node', async (_, startProxy) => {
    const url = await behind(startProxy)
    const [app] = nodes.host
    if (app === undefined) throw new Error('there is no node')
    const [ann, ben] = await pair(app)
    const room = await makeRoom(app, ann, [ben])
    const reader = await EventReader.open({ url: `${url}/api/v2/events`, token: ann.token })
    await reader.until(() => reader.id !== '', 'an id')
    const first = await say(app, room, ben, 'one')
    await reader.until(() => reader.seqs(room).includes(first), 'the first message')
    await reader.close()
    const missed = [await say(app, room, ben, 'two'), await say(app, room, ben, 'three')]
    const { id } = reader
    for (const node of nodes.host) {
      const again = await EventReader.open({
        url: `${node.url}/api/v2/events`,
        token: ann.token,
        lastEventId: id,
      })
      await again.until(() => again.of('state').length === 1, 'the room to be live')
      expect(again.seqs(room).filter((seq) => seq > first)).toEqual(missed)
      await again.close()
    }
  })
})

/** Two nodes of one installation. */
async function startNodes(mount: MountPoint): Promise<readonly TestApp[]> {
  const env = {
    DATABASE_URL: await createMigratedDatabase(),
    REDIS_URL: redis.url,
    REDIS_PREFIX: mount,
    BASE_PATH: `${pathOf(mount)}/`,
    TRUSTED_PROXIES: '127.0.0.1',
  }
  return await Promise.all([startApp(env), startApp(env)])
}

/** Starts a proxy in front of the nodes. @returns its address */
async function behind(startProxy: StartProxy, mount: MountPoint = 'host'): Promise<string> {
  const ports = nodes[mount].map(({ listening }) => listening.port)
  const proxy = await startProxy(ports, mount)
  proxies.push(proxy)
  return proxy.url
}

/** A page that complains of what goes wrong, and of requests that are not for the server. */
async function makePage(): Promise<Page> {
  const page = await (await browser.newContext()).newPage()
  page.on('pageerror', (error) => void complaints.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text())
  })
  page.on('request', (request) => {
    const asked = request.url()
    if (!asked.startsWith(`${place}/`) && !/^(data|about):/.test(asked))
      complaints.push(`a request: ${asked}`)
  })
  page.on('websocket', (socket) => {
    const expected = `${place.replace('http', 'ws')}/`
    if (!socket.url().startsWith(expected)) complaints.push(`a socket: ${socket.url()}`)
  })
  return page
}

async function openPage(url: string, path: string): Promise<void> {
  place = url
  await page.goto(url + path)
}

/** Somebody signs up in the web client, makes a room, says something there, and finds it there when the page is loaded again. */
async function expectTalk(url: string): Promise<void> {
  await openPage(url, '/')
  await signUp()
  await page.locator('.status[data-status=live]').waitFor()
  const name = `Hall ${crypto.randomUUID()}`
  await page.getByPlaceholder('A new room').fill(name)
  await page.getByRole('button', { name: 'Create', exact: true }).click()
  await page.getByLabel('Message').fill('Hello')
  await page.getByLabel('Message').press('Enter')
  await page.locator('.log li:not(.pending)', { hasText: 'Hello' }).waitFor()
  await page.reload()
  await page.locator('.status[data-status=live]').waitFor()
  await page.locator('.rooms li', { hasText: name }).click()
  await page.locator('.log li', { hasText: 'Hello' }).waitFor()
}

async function signUp(): Promise<void> {
  await page.getByLabel('Name').fill(`ann-${crypto.randomUUID()}`)
  await page.getByLabel('Password').fill(PASSWORD)
  await page.getByRole('button', { name: 'Create account' }).click()
}

/** What the documentation loads is there. */
async function expectDocuments(url: string): Promise<void> {
  const page = await (await fetch(`${url}/docs`)).text()
  const parts = [...page.matchAll(/(?:src|href)="(docs[^"]*)"/g)].map(([, part]) => part)
  expect(parts).toHaveLength(3)
  for (const part of [...parts, 'docs/json', 'docs/asyncapi.json']) {
    expect([part, (await fetch(`${url}/${part}`)).status]).toEqual([part, 200])
  }
}

/** The documentation shows the routes, and tries one of them out. */
async function expectDocumentation(url: string): Promise<void> {
  await openPage(url, '/docs')
  const operation = page.locator('.opblock', { hasText: '/healthz' })
  await operation.locator('.opblock-summary').click()
  await operation.getByRole('button', { name: 'Try it out' }).click()
  await operation.getByRole('button', { name: 'Execute' }).click()
  expect(await operation.locator('.request-url').textContent()).toContain(`${url}/healthz`)
  await operation.locator('.live-responses-table .response-col_status', { hasText: '200' }).waitFor()
}

/** A sign-in's cookies come back with requests to the server alone, and links lead back to it. */
async function expectCookies(url: string, path: string): Promise<void> {
  const call = (method: string, to: string, json?: unknown) =>
    page.evaluate(
      async ([method, to, body]) => {
        const headers = body === undefined ? undefined : { 'content-type': 'application/json' }
        const answer = await fetch(to, { method, ...(headers && { headers, body }) })
        return { status: answer.status, link: answer.headers.get('link') }
      },
      [method, to, json === undefined ? undefined : JSON.stringify(json)] as const,
    )
  for (let n = 0; n < 2; n++) await call('POST', 'api/v1/users', { username: crypto.randomUUID() })
  const person = { username: crypto.randomUUID(), password: PASSWORD }
  expect((await call('POST', 'api/auth/register', person)).status).toBe(201)
  expect((await call('POST', 'api/auth/login', person)).status).toBe(200)
  const cookies = await page.context().cookies()
  expect(cookies.map((cookie) => cookie.path)).toEqual([path, path])
  const first = await call('GET', 'api/users/?limit=1')
  expect(first.status).toBe(200)
  const next = /^<(.*)>; rel="next"$/.exec(first.link ?? '')?.[1] ?? ''
  expect(next).toStartWith(`${url}/api/users/?`)
  expect((await call('GET', next)).status).toBe(200)
  expect((await call('POST', 'api/auth/logout')).status).toBe(204)
  expect(await page.context().cookies()).toHaveLength(1)
}
