// Every snippet of the pages runs as it is written; only the server's address is another one.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import postgres from 'postgres'
import manifest from '../../package.json'
import { ask } from '../api/support/rest.ts'
import { blocksOf } from '../api/v2/support/markdown.ts'
import { present } from '../core/fakes/values.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { readPages } from '../support/pages.ts'
import { until } from '../support/until.ts'
import { compileErrors, ROOT, runModule, runShell, snippetsOf } from './support/snippets.ts'

/** Who runs the snippets of a page, by language. A page or a language that is not here fails. */
const runners: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  'README.md': { sh: 2, ts: 1 },
  'src/client/README.md': { ts: 9, tsx: 1 },
  'src/store/README.md': { sql: 1 },
  // Programs of the repository, which are looked up.
  'test/faults/README.md': { sh: 1 },
  'test/measure/load/README.md': { sh: 2 },
  // The image is built where there is a container engine.
  'src/app/README.md': { sh: 1 },
  // test/support/proxies/ starts the balancers with them.
  'src/server/README.md': { nginx: 2, haproxy: 2, caddyfile: 2 },
  // test/api/v2/readme.test.ts holds each against the wire.
  'src/api/v2/README.md': {
    json: (await snippetsOf('src/api/v2/README.md')).length,
  },
}

const ALICE = { username: 'alice', password: 'correct horse battery' }

let app: TestApp

beforeAll(async () => {
  app = await startApp()
})
afterAll(() => app.close())

test('there is no snippet that nothing runs', async () => {
  const found: Record<string, Record<string, number>> = {}
  for (const { path, text } of await readPages()) {
    // A block without a language is shown, not run.
    for (const { language } of blocksOf(text)) {
      const languages = found[path] ?? {}
      found[path] = { ...languages, [language]: (languages[language] ?? 0) + 1 }
    }
  }
  expect(found).toEqual(runners)
})

test('commands name programs and files that there are', async () => {
  for (const page of Object.keys(runners)) {
    for (const { language, text } of await snippetsOf(page)) {
      if (language !== 'sh') continue
      for (const [, script = ''] of text.matchAll(/\bbun(?:@\S+)? run ([a-z:]+)/g))
        expect([page, Object.keys(manifest.scripts)]).toEqual([page, expect.arrayContaining([script])])
      for (const [, path = ''] of text.matchAll(/\bbun test (\S+)/g))
        expect([page, path, await exists(path)]).toEqual([page, path, true])
    }
  }
})

describe('README.md', () => {
  test('a first chat, in a shell and then with the client library', async () => {
    const [, chat] = (await snippetsOf('README.md')).filter(({ language }) => language === 'sh')
    const shell = runShell(here(present(chat).text))
    try {
      await shell.shows('Message sent!')
      await shell.shows('Connected')
      shell.type('{"message":"Hi"}')
      await shell.shows('"message":"Hi","message_type":"text","username":"alice"')
    } finally {
      await shell.stop()
    }

    // In no room, as an account is that has sent nothing yet.
    const { token } = Object((await ask('POST', `${app.url}/api/v2/tokens`, { json: ALICE })).json)
    const left = await ask('DELETE', `${app.url}/api/v2/rooms/1/members/me`, { token })
    expect(left.status).toBe(204)
    const [typescript] = (await snippetsOf('README.md')).filter(({ language }) => language === 'ts')
    const program = await runModule(here(present(typescript).text))
    try {
      await program.shows('Hello!')
    } finally {
      await program.stop()
    }
  })
})

describe('src/client/README.md', () => {
  /** A room of Alice's own, with a number that the page uses. */
  let token: string

  beforeAll(async () => {
    const username = 'reader'
    const password = 'correct horse battery staple'
    const made = await ask('POST', `${app.url}/api/v2/users`, { json: { username, password } })
    token = Object(made.json).token
    for (let room = 0; room < 7; ) {
      const json = { name: `room ${crypto.randomUUID()}`, kind: 'public' }
      room = Object((await ask('POST', `${app.url}/api/v2/rooms`, { token, json })).json).id
    }
  })

  const code = async (language: string, holds: string) =>
    here(
      present(
        (await snippetsOf('src/client/README.md')).find(
          (b) => b.language === language && b.text.includes(holds),
        ),
      ).text,
    ).replace("'alice'", "'reader'")

  test('a page draws a room and sends', async () => {
    const before = `
      const drawn: unknown[][] = []
      const stored = new Map<string, string>()
      const localStorage = {
        getItem: (key: string) => stored.get(key) ?? null,
        setItem: (key: string, value: string) => void stored.set(key, value),
        removeItem: (key: string) => void stored.delete(key),
        key: (n: number) => [...stored.keys()][n] ?? null,
        get length() { return stored.size },
      }
      const [input, button, list, window]: any[] = [{ value: 'said by a button' }, {}, { scrollTop: 0 }, {}]
      const draw = (...parts: any[]) => console.log('drawn', JSON.stringify(parts[0].at(-1)?.body), parts[4])
    `
    const after = 'button.onclick(); input.onkeydown(); window.onfocus(); list.onscroll()'
    const program = await runModule(await code('ts', 'webStorage'), { before, after })
    try {
      await program.shows('drawn "said by a button" live')
    } finally {
      await program.stop()
    }
  })

  test('a component shows a room', async () => {
    const before = `
      import { useEffect, useSyncExternalStore } from 'react'
      import { renderToString } from 'react-dom/server'
      import { createClient } from 'parley/client'
      const client = createClient({ url: '${app.url}', token: '${token}' })
    `
    const after = 'console.log(renderToString(<Room id={7} />))'
    const program = await runModule(await code('tsx', 'function Room'), { before, after, tsx: true })
    try {
      await program.shows('<ol aria-busy="true"></ol>')
    } finally {
      await program.stop()
    }
  })

  test('a bot accepts an invitation and replies', async () => {
    const bot = Object(
      (await ask('POST', `${app.url}/api/v2/users`, { json: { username: 'bot', password: ALICE.password } }))
        .json,
    )
    const program = await runModule(await code('ts', 'BOT_TOKEN'), { env: { BOT_TOKEN: bot.token } })
    try {
      const json = { name: `with a bot ${crypto.randomUUID()}`, kind: 'private', invited: [bot.user.id] }
      const room = Object((await ask('POST', `${app.url}/api/v2/rooms`, { token, json })).json).id
      const messages = `${app.url}/api/v2/rooms/${room}/messages`
      const joined = `${app.url}/api/v2/rooms/${room}/members/${bot.user.id}`
      await until(async () => (await ask('GET', joined, { token })).status === 200, 'the bot to join')
      await until(async () => {
        await ask('POST', messages, { token, json: { body: '!ping' } })
        return (await ask('GET', messages, { token })).text.includes('"pong"')
      }, 'the bot to reply')
    } finally {
      await program.stop()
    }
  })

  test('a send is followed by its handle', async () => {
    const before = `
      import { createClient } from 'parley/client'
      const room = createClient({ url: '${app.url}', token: '${token}' }).room(7)
      await room.open()
      for (const body of Array(45).keys()) await room.send(String(body)).done
    `
    const program = await runModule(await code('ts', 'handle.done'), {
      before,
      after: 'console.log(handle.status)',
    })
    try {
      await program.shows('sent')
    } finally {
      await program.stop()
    }
  })

  test('a storage is what the page says', async () => {
    const before = `import type { OutboxEntry, OutboxStorage as Real } from 'parley/client'`
    const after = `
      export const asTheClient = (storage: OutboxStorage): Real => storage
      export const asThePage = (storage: Real): OutboxStorage => storage
    `
    expect(await compileErrors(await code('ts', 'interface OutboxStorage'), { before, after })).toBe('')
  })

  test('a thread is a view of its own', async () => {
    const before = `
      import { createClient } from 'parley/client'
      const room = createClient({ url: '${app.url}', token: '${token}' }).room(7)
      await room.open()
      for (const body of Array(45).keys()) await room.send(String(body)).done
      const drawThread = (root: any, replies: any[], ...rest: unknown[]) =>
        console.log(\`drawn \${root?.seq} \${replies.map(({ body }) => body).join()}\`)
    `
    const program = await runModule(await code('ts', 'room.thread(43)'), { before })
    try {
      await program.shows('drawn 43 Hi!')
    } finally {
      await program.stop()
    }
  })

  test('a draft is kept, and a message is saved', async () => {
    const before = `
      import { createClient } from 'parley/client'
      const client = createClient({ url: '${app.url}', token: '${token}' })
      const room = client.room(7)
      await room.open()
      for (const body of Array(43).keys()) await room.send(String(body)).done
      const input = { value: 'half a sentence' }
      const draw = (text: string) => console.log('drawn', text)
    `
    const after = `console.log('saved', (await client.api.saved.list()).items.map(({ message }) => message.seq).join())`
    const program = await runModule(await code('ts', 'client.own'), { before, after })
    try {
      await program.shows('drawn half a sentence')
      await program.shows('saved 43')
    } finally {
      await program.stop()
    }
  })

  test('messages are found by their words', async () => {
    const before = `
      import { createClient } from 'parley/client'
      const client = createClient({ url: '${app.url}', token: '${token}' })
      await client.api.messages.send(7, { body: 'We deploy it next week' })
      const show = (message: any, parts: string[]) => console.log(\`shown \${message.room} \${parts.join('')}\`)
      const mark = (text: string) => \`<\${text}>\`
      const enough = () => false
      let found = 0
      do {
        for await (const _ of client.search('deploy', { room: 7 })) found++
      } while (found === 0)
    `
    const program = await runModule(await code('ts', 'client.search'), { before })
    try {
      await program.shows('shown 7 We <deploy> it <next week>')
    } finally {
      await program.stop()
    }
  })

  test('a token is renewed', async () => {
    const before = `
      import { createClient, renewToken, signIn } from 'parley/client'
      const url = '${app.url}'
      const credentials = { username: 'reader', password: 'correct horse battery staple' }
      const askForPassword = () => {}
    `
    const after = 'renewAt = 0\nconsole.log([(await client.api.me.get()).username, renewAt > 0].join(" "))'
    const program = await runModule(await code('ts', 'renewToken'), { before, after })
    try {
      await program.shows('reader true')
    } finally {
      await program.stop()
    }
  })

  test('rooms are found by name and by activity', async () => {
    const json = { name: 'Engineering', kind: 'private' }
    const made = Object((await ask('POST', `${app.url}/api/v2/rooms`, { token, json })).json)
    await ask('POST', `${app.url}/api/v2/rooms/${made.id}/messages`, { token, json: { body: 'We begin' } })
    const before = `
      import { all, createClient } from 'parley/client'
      const client = createClient({ url: '${app.url}', token: '${token}' })
      const draw = (room: any, message: any) => console.log(\`drawn \${room.id} \${message?.body}\`)
    `
    const after = `console.log('found ' + items.map(({ id }) => id).join())`
    const program = await runModule(await code('ts', 'rooms.search'), { before, after })
    try {
      await program.shows(`drawn ${made.id} We begin`)
      await program.shows(`found ${made.id}`)
    } finally {
      await program.stop()
    }
  })
})

test('src/store/README.md: the queries answer', async () => {
  const sql = postgres(app.databaseUrl, { max: 1 })
  try {
    for (const { language, text } of await snippetsOf('src/store/README.md')) {
      if (language !== 'sql') continue
      for (const query of text.split(';').filter((part) => part.trim() !== '')) await sql.unsafe(query)
    }
  } finally {
    await sql.end()
  }
})

function here(text: string): string {
  return text
    .replaceAll('http://localhost:8000', app.url)
    .replaceAll('ws://localhost:8000', app.wsUrl)
    .replaceAll('https://chat.example.com', app.url)
}

async function exists(path: string): Promise<boolean> {
  const whole = join(ROOT, path)
  return (await Bun.file(whole).exists()) || (await readdir(whole).catch(() => [])).length > 0
}
