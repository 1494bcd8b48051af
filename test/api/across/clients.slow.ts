import { expect, test } from 'bun:test'
import { join } from 'node:path'
import { startParley } from '../../support/parley-process.ts'
import { openSandbox } from '../../support/sandbox/sandbox.ts'
import { createMigratedDatabase } from '../../support/shared-postgres.ts'
import { openClientScene } from './support/client-scene.ts'
import { compileKotlin, makeJava } from './support/java.ts'
import { openTables } from './support/stored.ts'

const LIBRARIES = [
  'com.squareup.okhttp3:okhttp:4.12.0',
  'org.jetbrains.kotlin:kotlin-compiler-embeddable:1.9.24',
]

test("the documentation's Kotlin client on OkHttp", async () => {
  const sandbox = await openSandbox('kotlin')
  const { java, jars } = await makeJava(sandbox.folder, LIBRARIES)
  const url = await createMigratedDatabase()
  const parley = await startParley({ DATABASE_URL: url })
  const tables = openTables(url)
  try {
    const scene = await openClientScene(parley, tables, '2nd_year')
    const example = await Bun.file(join(import.meta.dir, 'clients/kotlin-example.txt')).text()
    const source = asProgram(example)
      .replace('<your-auth-token>', scene.guest.token)
      .replace('chat.example.com', `127.0.0.1:${parley.port}`)
    const classes = await compileKotlin({ java, jars }, sandbox.folder, source)
    const env = { PATH: process.env.PATH ?? '', HOME: sandbox.folder }
    const inUnicode = ['-Dfile.encoding=UTF-8', '-Dstdout.encoding=UTF-8']
    const program = [java, ...inUnicode, '-cp', [classes, ...jars].join(':'), 'ClientKt']
    const client = await sandbox.run('client', program, env)
    await scene.play(client.output, 'Hello, world!')
    expect(client.output()).toStartWith('Connected to WebSocket\nReceived message: {')
    expect(client.output()).toMatch(/\nClosing WebSocket: 1008 \/ \S.*\n$/)
    expect(await client.exited()).toBe(0)
  } finally {
    await tables.close()
    await parley.remove()
    await sandbox.remove()
  }
})

/** The example's statements as the body of a program. */
function asProgram(example: string): string {
  const end = example.lastIndexOf('import ')
  const body = example.indexOf('\n', end)
  return `${example.slice(0, body)}\n\nfun main() {${example.slice(body)}}\n`
}
