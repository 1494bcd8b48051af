import { afterEach, expect, test } from 'bun:test'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type ParleyProcess, startParley } from './parley-process.ts'
import { processState } from './sandbox/process-state.ts'
import { until } from './until.ts'

const fakeNode = join(import.meta.dir, 'fixtures/fake-node.ts')

let node: ParleyProcess | undefined
afterEach(() => node?.remove())

test('starts on a free port of loopback with the given settings and no inherited ones', async () => {
  process.env.DATABASE_URL = 'postgres://production'
  try {
    node = await startParley({ ALLOW_GUESTS: 'true' }, fakeNode)
  } finally {
    delete process.env.DATABASE_URL
  }

  expect(node.url).toBe(`http://127.0.0.1:${node.port}`)
  expect(node.wsUrl).toBe(`ws://127.0.0.1:${node.port}`)
  const environment = await (await fetch(node.url)).json()
  expect(environment).toMatchObject({
    HOST: '127.0.0.1',
    PORT: '0',
    ALLOW_GUESTS: 'true',
    DATA_DIR: node.dataDir,
  })
  expect(environment).not.toHaveProperty('DATABASE_URL')
  expect(environment).not.toHaveProperty('NODE_ENV')
})

test('stops with SIGTERM and returns the exit code and the log', async () => {
  node = await startParley({ EXIT_CODE: '3' }, fakeNode)
  expect(await node.stop()).toBe(3)
  expect(node.output()).toContain('"msg":"ready"')
  expect(processState(node.pid)).toBe('gone')
})

test('keeps its data after SIGKILL for another process', async () => {
  node = await startParley({}, fakeNode)
  await node.kill()
  expect(processState(node.pid)).toBe('gone')
  const next = await startParley({ DATA_DIR: node.dataDir }, fakeNode)
  expect(next.dataDir).toBe(node.dataDir)
  expect(existsSync(join(dirname(next.dataDir), 'was-here'))).toBe(true)
  await next.remove()
})

test('does not answer while it is paused, and then continues', async () => {
  node = await startParley({}, fakeNode)
  await node.pause()
  await expect(fetch(node.url, { signal: AbortSignal.timeout(100) })).rejects.toThrow('timed out')
  await node.resume()
  expect((await fetch(node.url)).status).toBe(200)
})

test('reports the output of a process that ended before it was ready, and leaves nothing', async () => {
  await expect(startParley({ BEFORE_READY: 'throw' }, fakeNode)).rejects.toThrow(
    /ended too soon:.*no such setting/s,
  )
})

test('is removed together with its folder', async () => {
  const { remove, pid, dataDir } = await startParley({}, fakeNode)
  await remove()
  await until(() => processState(pid) === 'gone', 'its end')
  expect(existsSync(dirname(dataDir))).toBe(false)
})
