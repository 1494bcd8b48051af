import { afterAll, beforeAll, expect, test } from 'bun:test'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from '../../src/client/index.ts'
import { bundleClient } from '../../src/client-bundle.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { findProgram } from '../support/programs.ts'
import { signUp } from './support/people.ts'
import { startRig } from './support/rig.ts'

const SUPPORT = join(import.meta.dir, 'support')

let folder: string
let bundle: string
let app: TestApp

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-engines-'))
  bundle = join(folder, 'parley-client.mjs')
  await writeFile(bundle, await bundleClient())
  app = await startApp()
})
afterAll(async () => {
  await app.close()
  await rm(folder, { recursive: true })
})

test('a server without a WebSocket renders with a client that does nothing', async () => {
  await runOldNode('server-render.mjs', app.url)
})

test('an engine of ES2022 with a given WebSocket talks', async () => {
  const { user, token } = await signUp(app.url, 'old')
  const { user: other } = await signUp(app.url, 'other')
  await using api = usable(createClient({ url: app.url, token, connect: false }))
  const { id } = await api.client.api.directs.open(other.id)
  await runOldNode('old-engine-talk.mjs', app.url, token, String(id))
  const { items } = await api.client.api.messages.page(id)
  expect(items.map(({ body, sender }) => [body, sender.id])).toEqual([['from an old engine', user.id]])
})

test('a client that is told not to connects when asked', async () => {
  const rig = startRig()
  const client = rig.connect({ connect: false })
  expect(client.status).toBe('offline')
  expect(client.getServerSnapshot()).toBe(client.getSnapshot())
  client.connect()
  const before = client.room(1).getServerSnapshot()
  await rig.server.nextIdentified()
  expect(client.room(1).getServerSnapshot()).toBe(before)
  expect(client.getServerSnapshot().status).toBe('offline')
  await rig.close()
})

/** Runs a program of `support/` in Node as an engine of ES2022. It has to end by itself, without an error. */
async function runOldNode(program: string, ...args: string[]): Promise<void> {
  const node = await findProgram('node')
  const child = Bun.spawn(
    [node, '--import', join(SUPPORT, 'old-engine.mjs'), join(SUPPORT, program), bundle, ...args],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  const [code, ...output] = await Promise.all([child.exited, child.stdout.text(), child.stderr.text()])
  expect(output.join('')).toBe('')
  expect(code).toBe(0)
}

function usable(client: ReturnType<typeof createClient>) {
  return { client, [Symbol.asyncDispose]: () => client.close() }
}
