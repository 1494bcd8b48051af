import { join } from 'node:path'
import type { Sql } from 'postgres'
import type { RoomId, Store } from '../../../../src/core/index.ts'
import { id } from '../../../core/fakes/values.ts'
import { batchOf } from '../../../ports/world.ts'
import { alternate, type Comparison, type Turn } from '../harness/benchmark.ts'
import { EVERYWHERE, ROOMS } from './database.ts'

const FUNCTION = join(import.meta.dir, '../../../../drizzle/functions/parley_append_messages.sql')
const QUEUED = /^ *INSERT INTO search_queue .*\n/m
const SIZES = [128, 1]
/** The append may be so much dearer than without the search. */
const TARGET = { least: 0.95 }

/** Holds the append against the same without the row that it writes for the search. Nothing is indexed meanwhile. */
export async function compareAppends(
  sql: Sql,
  store: Store,
  rounds: number,
  seconds: number,
): Promise<Comparison[]> {
  const text = await Bun.file(FUNCTION).text()
  const bare = text.replace(QUEUED, '')
  if (bare === text) throw new Error('the append queues nothing')
  const comparisons: Comparison[] = []
  for (const size of SIZES) {
    const side = (definition: string) => async () => {
      await sql.unsafe(definition)
      return await turn(store, size, seconds)
    }
    await side(text)()
    const turns = await alternate(rounds, side(text), side(bare))
    const sides = ['queued', 'not queued'] as const
    const plain = { unit: 'rows/s', by: 'ratio', target: TARGET, counted: '', sides } as const
    comparisons.push({ name: `append in batches of ${size}`, ...plain, ...turns })
  }
  await sql.unsafe(text)
  return comparisons
}

async function turn(store: Store, size: number, seconds: number): Promise<Turn> {
  const sender = { id: id(EVERYWHERE), username: 'user-1' }
  let rows = 0
  const from = performance.now()
  while (performance.now() - from < seconds * 1000) {
    const drafts = Array.from({ length: size }, () => {
      const roomId: RoomId = id(1 + Math.floor(Math.random() * ROOMS))
      return {
        roomId,
        sender,
        clientId: crypto.randomUUID(),
        kind: 'text',
        body: BODY,
        replyTo: null,
        inRoom: true,
        details: null,
      }
    })
    await store.append(0, batchOf(drafts))
    rows += size
  }
  return { value: rows / ((performance.now() - from) / 1000), cpu: {}, memory: {}, elsewhere: 0 }
}

const BODY = 'A message of an ordinary length, as people write them.'
