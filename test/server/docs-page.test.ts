import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { Browser } from 'playwright-core'
import { routesOf } from '../api/support/routes.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { launchChromium } from '../support/chromium.ts'

let app: TestApp
let browser: Browser

beforeAll(async () => {
  const launched = launchChromium()
  app = await startApp()
  browser = await launched
})
afterAll(async () => {
  await browser.close()
  await app.close()
})

test('a browser shows every operation, contacts no other host, and keeps to the page’s policy', async () => {
  const context = await browser.newContext()
  const page = await context.newPage()
  const requests: string[] = []
  const complaints: string[] = []
  page.on('request', (request) => void requests.push(request.url()))
  page.on('requestfailed', (request) => void complaints.push(`failed: ${request.url()}`))
  page.on('pageerror', (error) => void complaints.push(error.message))
  page.on('console', (message) => {
    // A violation of the policy comes as an error on the console.
    if (message.type() === 'error') complaints.push(message.text())
  })
  const response = await page.goto(`${app.url}/docs`)
  expect(response?.status()).toBe(200)

  const routes = await routesOf(app)
  await page
    .locator('.opblock')
    .nth(routes.length - 1)
    .waitFor()
  expect(await page.locator('.opblock').count()).toBe(routes.length)
  // What is recommended comes first.
  expect(await page.locator('.opblock-tag').first().textContent()).toContain('Parley v2')
  const shown = await page.locator('.opblock-summary').allInnerTexts()
  for (const { method, path } of routes) {
    const summary = shown.find((text) => text.replaceAll(/[\s\u200b]/g, '').startsWith(`${method}${path}`))
    expect([method, path, summary !== undefined]).toEqual([method, path, true])
  }

  // One that is opened shows its parameters, its examples and its errors.
  const operation = page
    .locator('.opblock', { hasText: 'Send a message' })
    .filter({ hasText: '/api/v1/rooms/' })
  await operation.locator('.opblock-summary').click()
  await operation.locator('.responses-table').first().waitFor()
  const text = await operation.textContent()
  for (const part of ['room_id', 'Hello, World!', '400', '401', '404', '429', '500'])
    expect(text).toContain(part)

  const hosts = new Set(requests.filter((url) => !url.startsWith('data:')).map((url) => new URL(url).origin))
  expect([...hosts]).toEqual([app.url])
  expect(complaints).toEqual([])
  await context.close()
})
