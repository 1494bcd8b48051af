import { join } from 'node:path'
import { Value } from '@sinclair/typebox/value'
import postgres from 'postgres'
import type { PostgresServer } from '../../../support/postgres-server.ts'
import { type Cores, keepOn } from '../harness/cores.ts'
import { Delays } from '../load/delays.ts'
import type { CommitsPlan } from './commits-plan.ts'
import { createPlainTable } from './plain-insert.ts'

/** @returns the URL of a database with the table for the plain commits */
export async function createPlainDatabase(server: PostgresServer): Promise<string> {
  const url = await server.createDatabase()
  const sql = postgres(url, { max: 1 })
  await createPlainTable(sql)
  await sql.end()
  return url
}

/**
 * One turn: a process of its own, which ends with it.
 * @returns how long a commit took
 */
export async function drivePlainCommits(plan: CommitsPlan, cores: Cores): Promise<Delays> {
  const loop = Bun.spawn([process.execPath, '--no-env-file', LOOP], {
    stdio: [Buffer.from(JSON.stringify(plan)), 'pipe', 'inherit'],
  })
  keepOn(cores, loop.pid)
  const [code, text] = await Promise.all([loop.exited, loop.stdout.text()])
  if (code !== 0) throw new Error('the plain commits have failed')
  return Value.Parse(Delays, JSON.parse(text))
}

const LOOP = join(import.meta.dir, 'plain-commits.ts')
