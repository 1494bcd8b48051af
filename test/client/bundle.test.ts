import { expect, test } from 'bun:test'
import manifest from '../../package.json'
import { bundleClient, gzipBytes } from '../../src/client-bundle.ts'

/** What a page has to load, in bytes. */
const LIMIT = 25_500

test('is one small module that imports nothing, and names nothing that browsers do not have', async () => {
  const text = await bundleClient()
  expect(gzipBytes(text)).toBeLessThan(LIMIT)
  const scanned = new Bun.Transpiler({ loader: 'js' }).scan(text)
  expect(scanned.imports).toEqual([])
  expect(scanned.exports).toEqual(
    expect.arrayContaining([
      'ParleyError',
      'all',
      'createClient',
      'memoryStorage',
      'register',
      'signIn',
      'webStorage',
    ]),
  )
  expect(text).not.toMatch(/\b(Bun|process|Buffer|require|setImmediate)\b/)
})

test('is what the package is imported for', async () => {
  expect(manifest.exports['./client']).toBe('./src/client/index.ts')
  expect(await import('parley/client')).toHaveProperty('createClient')
})
