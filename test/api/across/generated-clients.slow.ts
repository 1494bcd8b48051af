// Clients that generators make of the OpenAPI document list rooms, read a 404 and send, on a real server.
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startApp, type TestApp } from '../../support/app.ts'
import { findProgram } from '../../support/programs.ts'
import { openSandbox, type Sandbox } from '../../support/sandbox/sandbox.ts'
import { person } from '../support/contracts/people.ts'

const CLIENTS = join(import.meta.dir, 'clients')
/** Fixed, as every version: a generator that changes is not this project's fault. */
const PYTHON = ['openapi-python-client==0.29.1']
const TYPESCRIPT = [
  'openapi-typescript@7.13.0',
  'openapi-fetch@0.17.0',
  'typescript@5.9.3',
  'bun-types@1.4.5',
]

let app: TestApp
let sandbox: Sandbox
let token: string

beforeAll(async () => {
  app = await startApp()
  sandbox = await openSandbox('generated')
  token = (await person(app)).token
  const document = await (await fetch(`${app.url}/docs/json`)).text()
  await Bun.write(join(sandbox.folder, 'openapi.json'), document)
})
afterAll(async () => {
  await sandbox.remove()
  await app.close()
})

test('in Python, by openapi-python-client', async () => {
  const { folder } = sandbox
  const python = join(folder, 'venv/bin/python')
  await run('venv', [await findProgram('python3'), '-m', 'venv', join(folder, 'venv')])
  await run('pip', [python, '-m', 'pip', 'install', '--quiet', ...PYTHON])
  const generator = join(folder, 'venv/bin/openapi-python-client')
  const output = await run('python-generate', [
    ...[generator, 'generate', '--path', join(folder, 'openapi.json')],
    ...['--meta', 'none', '--output-path', join(folder, 'parley_client')],
  ])
  // A part of the document that it cannot read is left out of the client with a warning.
  expect(output).not.toMatch(/Endpoint|parsing|unsupported|Unable/i)
  await copyFile(join(CLIENTS, 'generated_client.py'), join(folder, 'generated_client.py'))
  expect(await run('python', [python, join(folder, 'generated_client.py'), app.url, token])).toMatch(
    /^Hello from Python \d+ True$/m,
  )
})

test('in TypeScript, by openapi-typescript and openapi-fetch', async () => {
  const { folder } = sandbox
  const bun = process.execPath
  await Bun.write(join(folder, 'package.json'), '{ "type": "module" }')
  await run('install', [bun, 'add', '--cwd', folder, ...TYPESCRIPT])
  const bin = (name: string) => join(folder, 'node_modules/.bin', name)
  await run('typescript-generate', [
    ...[bun, bin('openapi-typescript'), join(folder, 'openapi.json')],
    ...['--output', join(folder, 'api.d.ts')],
  ])
  await copyFile(join(CLIENTS, 'generated-client.ts.txt'), join(folder, 'client.ts'))
  const options = ['--strict', '--noEmit', '--module', 'esnext', '--target', 'esnext', '--types', 'bun-types']
  const resolution = ['--moduleResolution', 'bundler', '--allowImportingTsExtensions', '--skipLibCheck']
  await run('compile', [bun, bin('tsc'), ...options, ...resolution, join(folder, 'client.ts')])
  expect(await run('typescript', [bun, join(folder, 'client.ts'), app.url, token])).toMatch(
    /^Hello from TypeScript \d+$/m,
  )
})

/** Runs a program to its end. @returns what it printed @throws Error if it fails, with that */
async function run(name: string, command: readonly string[]): Promise<string> {
  // The caches of package managers and the addresses of registries are the user's.
  const env = Object.fromEntries(
    Object.entries(process.env).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  )
  const program = await sandbox.run(name, command, env)
  const code = await program.exited()
  if (code !== 0) throw new Error(`${name} ended with ${code}:\n${program.output()}`)
  return program.output()
}
