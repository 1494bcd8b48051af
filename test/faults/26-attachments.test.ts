// A node is killed in the middle of uploads, of looking into files, of sends and of deletions: nothing that was sent is lost, and once
// the sweep has run, nothing else is left.
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { mkdtemp, readdir, rm, utimes } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres, { type Sql } from 'postgres'
import { type Client, createClient, register } from '../../src/client/index.ts'
import { present } from '../core/fakes/values.ts'
import { picture } from '../support/images.ts'
import { type ParleyProcess, startParley } from '../support/parley-process.ts'
import { createMigratedDatabase } from '../support/shared-postgres.ts'
import { until } from '../support/until.ts'

/** Milliseconds from the start of the load to each kill: while files arrive, are looked into, are sent, are deleted. */
const KILLS = [20, 150, 500, 900]

let folder: string
let env: Record<string, string>
let sql: Sql
let image: Uint8Array<ArrayBuffer>

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-killed-'))
  env = { DATABASE_URL: await createMigratedDatabase(), ATTACHMENTS_DIR: folder, NODE_ENV: 'test' }
  sql = postgres(present(env.DATABASE_URL), { max: 1, onnotice: () => undefined })
  image = await picture(400, 300, 'jpeg')
})
afterAll(async () => {
  await sql.end()
  await rm(folder, { recursive: true })
})

/** The names of all files except the one that says whose the folder is. */
async function files(): Promise<string[]> {
  const all = await readdir(folder, { recursive: true, withFileTypes: true })
  return all.filter((entry) => entry.isFile() && entry.name !== 'installation').map(({ name }) => name)
}

test('kills at any moment lose nothing that was sent, and leave nothing else', async () => {
  let node = await startParley(env)
  const { token } = await register(node.url, { username: 'sender', password: 'correct horse battery' })
  const { id: room } = await apiOf(node, token).rooms.create({ name: 'files', kind: 'private' })
  const sent = new Map<number, number>()
  const deleted = new Set<number>()
  for (const afterMs of KILLS) {
    const api = apiOf(node, token)
    const workers = [0, 1, 2].map(async () => {
      for (;;) {
        const { id } = await api.attachments.upload(room, new Blob([image]), { name: 'a.jpg' })
        const { seq } = await api.messages.send(room, { body: '', attachments: [id] })
        sent.set(id, seq)
        const gone = await api.attachments.upload(room, new Blob([image]), { name: 'b.jpg' })
        const { seq: last } = await api.messages.send(room, { body: '', attachments: [gone.id] })
        await api.messages.delete(room, last)
        deleted.add(gone.id)
      }
    })
    const ended = Promise.allSettled(workers)
    await Bun.sleep(afterMs)
    await node.kill()
    await ended
    node = await startParley({ ...env, PORT: '0' })
  }
  // A last round, so that something was sent and deleted whatever the kills have hit.
  const api = apiOf(node, token)
  const { id } = await api.attachments.upload(room, new Blob([image]))
  sent.set(id, (await api.messages.send(room, { body: '', attachments: [id] })).seq)
  await node.kill()

  // As if an hour had passed: whatever no message has is due.
  await sql`update attachments set created_at = created_at - interval '2 hours' where state <> 'sent'`
  const past = new Date(Date.now() - 7_200_000)
  const all = await readdir(folder, { recursive: true, withFileTypes: true })
  for (const entry of all.filter((each) => each.isFile()))
    await utimes(join(entry.parentPath, entry.name), past, past)
  node = await startParley(env)
  const kept = async () => {
    const rows = await sql<{ key: string }[]>`select key from attachments where state = 'sent'`
    return rows.flatMap(({ key }) => [`${key}.original`, `${key}.thumbnail`]).sort()
  }
  await until(
    async () => (await files()).length === (await kept()).length,
    'the sweep to remove what is left',
  )
  expect((await files()).sort()).toEqual(await kept())
  await until(
    async () => (await sql`select from attachments where state <> 'sent'`).length === 0,
    'the rows to go',
  )

  const reader = apiOf(node, token)
  for (const [id, seq] of sent) {
    expect((await reader.messages.get(room, seq)).attachments).toMatchObject([{ id }])
    const { url } = await reader.attachments.get(room, id)
    expect((await (await fetch(url)).arrayBuffer()).byteLength).toBe(image.length)
  }
  const left = (await sql<{ id: number }[]>`select id::float8 as id from attachments`).map((row) => row.id)
  expect(left.filter((each) => deleted.has(each))).toEqual([])
  const [usage] = await sql<{ bytes: number; real: number }[]>`
    select bytes::float8 as bytes, (select sum(size)::float8 from attachments) as real from attachment_usage`
  expect(usage?.bytes).toBe(present(usage?.real))
  console.log(`${sent.size} sent, ${deleted.size} deleted`)
  expect(node.output()).not.toMatch(/"level":(50|60)/)
  await node.remove()
})

function apiOf({ url }: ParleyProcess, token: string): Client['api'] {
  return createClient({ url, token, connect: false, timeoutMs: 5000 }).api
}
