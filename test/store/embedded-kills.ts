import { expect } from 'bun:test'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { connectDatabase } from '../../src/store/connection/connect.ts'
import { startEmbedded } from '../../src/store/embedded/index.ts'
import type { Sandbox } from '../support/sandbox/sandbox.ts'

const WRITER = join(import.meta.dir, 'embedded-writer.ts')

/** What was acknowledged survives SIGKILL at any moment, exactly once. @param kills besides two while the folder is made */
export async function survivesKills(sandbox: Sandbox, kills: number): Promise<void> {
  const dataDir = join(sandbox.folder, 'killed')
  const write = () =>
    sandbox.run('writer', [process.execPath, WRITER, dataDir], {
      PATH: process.env.PATH ?? '',
      TMPDIR: sandbox.folder,
    })

  // The first two in the middle of making the folder.
  for (const made of ['pglite.new', 'pglite.new/PG_VERSION']) {
    const writer = await write()
    // The folder may have been finished in between: then it is killed at its first start.
    await writer.ready(() => existsSync(join(dataDir, made)) || existsSync(join(dataDir, 'pglite')))
    await writer.kill()
  }

  let output = ''
  for (let kill = 0; kill < kills; kill++) {
    const writer = await write()
    const before = acks(writer.output()).length
    const more = 1 + Math.floor(Math.random() * 300)
    await writer.ready(() => acks(writer.output()).length >= before + more)
    await writer.kill()
    output = writer.output()
  }

  // Each has cleared up what the one before it left behind.
  expect(readdirSync(sandbox.folder).filter((name) => name.startsWith('parley-'))).toHaveLength(1)

  const database = await startEmbedded({ dataDir, onCrash: fail })
  const clients = connectDatabase(
    { poolSize: 1, lanes: 1, prepare: true, statementTimeoutMs: 0 },
    database.connection,
  )
  const rows = await clients.sql<{ number: number; times: number }[]>`
    select number, count(*) as times from written group by number`
  await clients.close()
  await database.close()

  const times = new Map(rows.map((row) => [row.number, row.times]))
  const acknowledged = acks(output).flatMap(({ first, count }) =>
    Array.from({ length: count }, (_, i) => first + i),
  )
  expect(new Set(acknowledged).size).toBe(acknowledged.length)
  expect(acknowledged.filter((number) => times.get(number) !== 1)).toEqual([])
}

/** In the order of their numbers. */
function acks(output: string): { first: number; count: number }[] {
  return [...output.matchAll(/^acked (\d+) (\d+)\n/gm)].map(([, first, count]) => ({
    first: Number(first),
    count: Number(count),
  }))
}

function fail(error: Error): never {
  throw error
}
