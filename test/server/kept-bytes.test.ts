import { afterAll, beforeAll, describe, expect, spyOn, test } from 'bun:test'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { keptBytes } from '../../src/server/index.ts'
import { startApp, type TestApp } from '../support/app.ts'

const TEXT = 'the same for everyone, '.repeat(100)

describe('cached bytes', () => {
  const ask = (answer: (request: Request) => Promise<Response>, headers: Record<string, string> = {}) =>
    answer(new Request('http://localhost/', { headers }))

  test('are made once, also for simultaneous requests', async () => {
    let made = 0
    const answer = keptBytes(
      () => {
        made++
        return TEXT
      },
      { 'content-type': 'text/plain' },
    )
    const encodings = ['br', 'gzip', '', 'br', 'gzip', '']
    await Promise.all(encodings.map((encoding) => ask(answer, { 'accept-encoding': encoding })))
    expect(await (await ask(answer)).text()).toBe(TEXT)
    expect(made).toBe(1)
  })

  test('are made again after a failure', async () => {
    let made = 0
    const answer = keptBytes(async () => {
      if (++made === 1) throw new Error('not now')
      return TEXT
    }, {})
    await expect(ask(answer)).rejects.toThrow('not now')
    expect(await (await ask(answer)).text()).toBe(TEXT)
    expect(made).toBe(2)
  })

  test.each([
    ['', null],
    ['identity', null],
    ['gzip', 'gzip'],
    ['gzip, deflate, br, zstd', 'br'],
    ['br, gzip', 'br'],
    ['GZIP;Q=1, br;q=0.5', 'gzip'],
    ['br;q=0, gzip;q=0.1', 'gzip'],
    ['gzip;q=0', null],
    ['br;q=x', null],
    [',;,q=1,', null],
  ])('are compressed as the client prefers: %j', async (accepted, encoding) => {
    const answer = keptBytes(() => TEXT, { 'content-type': 'text/plain' })
    const response = await ask(answer, { 'accept-encoding': accepted })
    const bytes = await response.bytes()
    expect(response.headers.get('content-encoding')).toBe(encoding)
    expect(response.headers.get('vary')).toBe('Accept-Encoding')
    const plain =
      encoding === 'br' ? brotliDecompressSync(bytes) : encoding === 'gzip' ? gunzipSync(bytes) : bytes
    expect(Buffer.from(plain).toString()).toBe(TEXT)
    if (encoding !== null) expect(bytes.length).toBeLessThan(TEXT.length / 4)
  })

  test('have an ETag for each form, and get 304 if the client has them', async () => {
    const answer = keptBytes(() => TEXT, { 'content-type': 'text/plain' })
    const tags = new Set<string>()
    for (const encoding of ['identity', 'gzip', 'br']) {
      const etag = (await ask(answer, { 'accept-encoding': encoding })).headers.get('etag') ?? ''
      expect(etag).toMatch(/^"[\w-]+"$/)
      tags.add(etag)
      for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
        const response = await ask(answer, { 'accept-encoding': encoding, 'if-none-match': known })
        expect([response.status, response.headers.get('etag'), await response.text()]).toEqual([
          304,
          etag,
          '',
        ])
      }
      const response = await ask(answer, { 'accept-encoding': encoding, 'if-none-match': '"other"' })
      expect(response.status).toBe(200)
    }
    expect(tags.size).toBe(3)
  })
})

describe('what the server shows to everyone', () => {
  let app: TestApp
  beforeAll(async () => {
    app = await startApp()
  })
  afterAll(() => app.close())

  test.each([
    '/',
    '/web/app.js',
    '/web/style.css',
    '/docs',
    '/docs/json',
    '/docs/asyncapi.json',
    '/docs/assets/start.js',
    '/docs/assets/swagger-ui.css',
    '/docs/assets/swagger-ui-bundle.js',
  ])('is cached: %s', async (path) => {
    const first = await fetch(app.url + path)
    const writing = spyOn(JSON, 'stringify')
    const etag = first.headers.get('etag') ?? ''
    const again = await fetch(app.url + path, { headers: { 'if-none-match': etag } })
    const packed = await fetch(app.url + path, { headers: { 'accept-encoding': 'gzip' }, decompress: false })
    const lengths = writing.mock.results.map(({ value }) => String(value).length)
    writing.mockRestore()
    expect([first.status, again.status, packed.status]).toEqual([200, 304, 200])
    expect(again.headers.get('vary')).toBe('Accept-Encoding, Origin')
    expect(await first.text()).toBe(gunzipSync(await packed.bytes()).toString())
    // Nothing is written out anew.
    expect(Math.max(0, ...lengths)).toBeLessThan(1000)
  })
})
