import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { join } from 'node:path'
import { makePython } from '../../e2e/clients/programs.ts'
import { launchChromium } from '../../support/chromium.ts'
import { type ParleyProcess, startParley } from '../../support/parley-process.ts'
import { findProgram } from '../../support/programs.ts'
import { inSandbox, type Sandbox } from '../../support/sandbox/sandbox.ts'
import { createMigratedDatabase } from '../../support/shared-postgres.ts'
import { until } from '../../support/until.ts'
import { login, PASSWORD, register } from '../support/accounts-client.ts'
import { type ClientScene, openClientScene, printedFrames } from './support/client-scene.ts'
import { contractNamed } from './support/contracts.ts'
import { readChats } from './support/direct-list.ts'
import { makePeople, makeRoom } from './support/people.ts'
import { directFrame } from './support/shapes.ts'
import { listen } from './support/sockets.ts'
import { insertOld, openTables, type Tables } from './support/stored.ts'

setDefaultTimeout(90_000)

let parley: ParleyProcess
let tables: Tables

beforeAll(async () => {
  const url = await createMigratedDatabase()
  parley = await startParley({ DATABASE_URL: url })
  tables = openTables(url)
})

afterAll(async () => {
  await tables.close()
  await parley.remove()
})

test.concurrent('the package ws in Node, with the token in a header', () =>
  inSandbox(async (sandbox) => {
    const scene = await openClientScene(parley, tables)
    const program = [await findProgram('node'), join(import.meta.dir, 'clients/ws-client.mjs')]
    await playProgram(sandbox, scene, program)
  }))

test.concurrent("Python's websockets, with the token in a header", () =>
  inSandbox(async (sandbox) => {
    const python = await makePython(sandbox.folder)
    const scene = await openClientScene(parley, tables)
    await playProgram(sandbox, scene, [python, join(import.meta.dir, 'clients/room_client.py')])
  }))

test.concurrent("a browser's page in a direct chat, by the cookie of its session", async () => {
  const { id, username } = await register(parley)
  const { token } = await login(parley, username)
  const person = { id: Number(id), username, token }
  const [friend] = await makePeople(parley, 'friend')
  if (friend === undefined) throw new Error('nobody came')
  const room = await makeRoom(parley, 'direct', friend, [person])
  await insertOld(tables.sql, room, [friend, person], 300)

  const browser = await launchChromium()
  try {
    const tab = await browser.newPage()
    const printed: string[] = []
    tab.on('console', (line) => {
      if (line.type() === 'log') printed.push(line.text())
    })
    // Any page of the server's own will do; this one is small.
    await tab.goto(`${parley.url}/healthz`)
    const script = { username, password: PASSWORD, address: `${parley.wsUrl}/ws/chat/${room.id}/` }
    await tab.evaluate(talkInDirectChat, script)
    await until(() => printed.length >= 301, `the old messages and a greeting:\n${printed.at(-1)}`)

    const contract = contractNamed('direct chats')
    const listener = await listen(contract, { server: parley, room, person: friend })
    await until(() => listener.messages().length >= 301, 'the friend to have it all')
    listener.say('Good to see you')
    await until(() => printed.length >= 302, 'the answer')
    const stored = await tables.messages(room)
    // Nobody had read anything; what the page says itself and what comes afterwards is unread when it is shown.
    const shown = printedFrames(printed.map((line) => `${line}\n`).join(''))
    expect(shown).toEqual(stored.map((message) => directFrame(message, false)))
    expect(stored.slice(-2).map(({ body }) => body)).toEqual(['Hello from a page', 'Good to see you'])
    await until(
      async () => (await readChats(parley, person))[0]?.unread_count === 0,
      'the page to have read it',
    )

    await tab.evaluate(signOut)
    await until(() => printed.includes('closed 1008'), 'the page to be signed out')
    await listener.socket.close()
  } finally {
    await browser.close()
  }
})

/** Runs in the page: signing in sets the cookie, and the socket needs nothing else. */
async function talkInDirectChat(given: {
  username: string
  password: string
  address: string
}): Promise<void> {
  const { username, password, address } = given
  const answer = await fetch('/api/auth/login', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username, password }),
  })
  if (!answer.ok) throw new Error(`signing in was answered with ${answer.status}`)
  const socket = new WebSocket(address)
  socket.onopen = () => socket.send(JSON.stringify({ body: 'Hello from a page' }))
  socket.onmessage = ({ data }) => console.log(data)
  socket.onclose = ({ code }) => console.log(`closed ${code}`)
}

/** Runs in the page. */
async function signOut(): Promise<void> {
  await fetch('/api/auth/logout', { method: 'POST' })
}

async function playProgram(sandbox: Sandbox, scene: ClientScene, command: readonly string[]): Promise<void> {
  const url = `${parley.wsUrl}/ws/chat/${encodeURIComponent(scene.room.name)}/`
  const env = { PATH: process.env.PATH ?? '', HOME: sandbox.folder, NO_COLOR: '1' }
  const client = await sandbox.run('client', [...command, url, scene.guest.token], env)
  await scene.play(client.output, 'Hello, World!')
  expect(client.output()).toEndWith('closed 1008\n')
  const refused = await sandbox.run('refused', [...command, url, 'f'.repeat(40)], env)
  await refused.exited()
  expect(refused.output()).toBe('refused 401\n')
}
