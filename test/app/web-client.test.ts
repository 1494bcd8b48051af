// The built-in web client in a browser, as people use it, under the page's policy.
import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { createClient, type Room, register } from '../../src/client/index.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { launchChromium } from '../support/chromium.ts'

const PASSWORD = 'correct horse battery'
/** Each would show itself by an element, a dialog or a violation of the policy. */
const HOSTILE = [
  '<img src=x onerror=alert(1)>',
  '"><script>alert(1)</script>',
  '<b id=planted>bold</b>',
  'javascript:alert(1)',
  '&lt;i&gt; \u202e{{7*7}}',
]

let app: TestApp
let browser: Browser
const contexts: BrowserContext[] = []
/** Errors, dialogs, violations of the policy, and requests of other hosts. */
const complaints: string[] = []

beforeAll(async () => {
  const launched = launchChromium()
  app = await startApp()
  browser = await launched
})
afterEach(async () => {
  for (const context of contexts.splice(0)) await context.close()
  expect(complaints.splice(0)).toEqual([])
})
afterAll(async () => {
  await browser.close()
  await app.close()
})

test('two users create a room, send, edit and delete messages, and see each other type and leave', async () => {
  const [ann, bob] = [await signUp('ann'), await signUp('bob')]
  await ann.getByPlaceholder('A new room').fill('The hall')
  await ann.getByRole('button', { name: 'Create', exact: true }).click()
  await ann.getByRole('heading', { name: 'The hall' }).waitFor()
  await bob.getByPlaceholder('Find a room or a person').fill('the h')
  await bob.locator('.found li', { hasText: 'The hall' }).getByRole('button', { name: 'Join' }).click()
  await bob.getByRole('heading', { name: 'The hall' }).waitFor()
  await ann.getByText('2 members, 2 online').waitFor()

  await bob.getByLabel('Message').pressSequentially('Hello')
  await ann.getByText(/^bob-\S+ is typing/).waitFor()
  await bob.getByLabel('Message').press('Enter')
  const heard = ann.locator('.log li', { hasText: 'Hello' })
  await heard.waitFor()
  expect(await heard.getByRole('button').count()).toBe(0)

  const said = bob.locator('.log li', { hasText: 'Hello' })
  await said.hover()
  await said.getByRole('button', { name: 'Edit' }).click()
  await bob.getByLabel('Message').fill('Hello, hall')
  await bob.getByRole('button', { name: 'Save' }).click()
  await ann.locator('.log li', { hasText: 'Hello, hall' }).getByText('(edited)').waitFor()
  await bob.locator('.log li', { hasText: 'Hello, hall' }).hover()
  await bob.getByRole('button', { name: 'Delete' }).click()
  await ann.locator('.log li.deleted').waitFor()

  await bob.getByRole('button', { name: 'Leave' }).click()
  await ann.getByText('1 member, 1 online').waitFor()
  await bob.getByText('You have left this room.').waitFor()
})

test('malicious names and texts are shown as plain text', async () => {
  const [ann, bob] = [await signUp('ann'), await signUp('bob')]
  for (const [index, text] of HOSTILE.entries()) {
    // Names may not change the direction of the text around them.
    const name = `${text.replace('\u202e', '')} ${index} ${crypto.randomUUID().slice(0, 8)}`
    await ann.getByPlaceholder('A new room').fill(name)
    await ann.getByRole('button', { name: 'Create', exact: true }).click()
    await ann.getByRole('heading', { name, exact: true }).waitFor()
    await ann.getByLabel('Message').fill(text)
    await ann.getByLabel('Message').press('Enter')
    await bob.getByPlaceholder('Find a room or a person').fill(name)
    await bob.locator('.found li', { hasText: name }).getByRole('button', { name: 'Join' }).click()
    const message = bob.locator('.log li', { hasText: text }).first()
    await message.waitFor()
    expect(await message.locator('.body').textContent()).toBe(text)
  }
  for (const page of [ann, bob]) {
    expect(await page.locator('img, iframe, #planted, i, a').count()).toBe(0)
    expect(await page.locator('script').count()).toBe(1)
  }
})

test('the list of rooms follows invitations, removals and deletions without a reload', async () => {
  const page = await signUp('guest')
  const name = (await page.locator('.status').textContent())?.split(' · ')[0] ?? ''
  const owner = await register(app.url, { username: `owner-${crypto.randomUUID()}`, password: PASSWORD })
  const client = createClient({ url: app.url, token: owner.token })
  const { items } = await client.api.users.search({ search: name })
  const invited = items.map(({ id }) => id)
  const rooms = await Promise.all(
    ['one', 'other'].map((stem) =>
      client.api.rooms.create({ name: `${stem} ${crypto.randomUUID()}`, kind: 'private', invited }),
    ),
  )
  const [one, other] = rooms
  if (one === undefined || other === undefined) throw new Error('two rooms were made')
  const entry = (room: Room) => page.locator('.rooms li', { hasText: room.name ?? '' })
  for (const room of rooms) {
    await entry(room).getByRole('button', { name: 'Join' }).click()
    await page.locator('.rooms .name', { hasText: room.name ?? '' }).waitFor()
  }
  await entry(one).click()
  await page.getByRole('heading', { name: one.name ?? '' }).waitFor()
  await client.api.rooms.delete(one.id)
  await page.getByText('This room has been deleted.').waitFor()
  await entry(one).waitFor({ state: 'detached' })
  await client.api.members.remove(other.id, invited[0] ?? 0)
  await entry(other).waitFor({ state: 'detached' })
  const direct = await client.api.directs.open(invited[0] ?? 0)
  await page.locator('.rooms li', { hasText: direct.creator?.username ?? '' }).waitFor()
  await client.close()
})

test('a reloaded page continues as the same user, except after signing out', async () => {
  const page = await signUp('eve')
  await page.locator('.rooms li').first().waitFor({ state: 'detached' })
  await page.reload()
  await page.locator('.status', { hasText: 'eve' }).waitFor()
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByRole('button', { name: 'Sign in' }).waitFor()
  await page.reload()
  await page.getByRole('button', { name: 'Sign in' }).waitFor()
  await page.getByLabel('Name').fill('nobody')
  await page.getByLabel('Password').fill('wrong password')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('alert').filter({ hasText: /\S/ }).waitFor()
  // The browser tells of the refusal by itself.
  expect(complaints.splice(0).filter((text) => !text.includes('401'))).toEqual([])
})

async function signUp(name: string): Promise<Page> {
  const context = await browser.newContext()
  contexts.push(context)
  const page = await context.newPage()
  page.on('pageerror', (error) => void complaints.push(error.message))
  page.on('dialog', (dialog) => void complaints.push(`a dialog: ${dialog.message()}`))
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text())
  })
  page.on('request', (request) => {
    const { protocol, origin } = new URL(request.url())
    if (protocol !== 'data:' && origin !== app.url) complaints.push(`a request: ${request.url()}`)
  })
  await page.goto(app.url)
  await page.getByLabel('Name').fill(`${name}-${crypto.randomUUID().slice(0, 8)}`)
  await page.getByLabel('Password').fill(PASSWORD)
  await page.getByRole('button', { name: 'Create account' }).click()
  await page.locator('.status[data-status=live]').waitFor()
  return page
}
