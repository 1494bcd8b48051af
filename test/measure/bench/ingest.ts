import { join } from 'node:path'
import type { Batch, Draft, RoomId, Store, UserRef } from '../../../src/core/index.ts'
import { createKeys } from '../../../src/core/messages/idempotency-keys.ts'
import { openDatabase } from '../../../src/store/connection/database.ts'
import { createStore } from '../../../src/store/index.ts'
import { type PostgresServer, startPostgres } from '../../support/postgres-server.ts'
import {
  alternate,
  type Benchmark,
  type Comparison,
  type RunOptions,
  type Turn,
} from './harness/benchmark.ts'
import { perMillion, watch } from './harness/usage.ts'
import { createPlainTable, plainInsert } from './limits/plain-insert.ts'

const ROOMS = 1000
const BATCH = 128
const CONNECTIONS = [1, 2]
const TARGET = { least: 0.4 }

export const ingest: Benchmark = {
  name: 'ingest',
  title: `the store's append over ${ROOMS} rooms against a plain insert from unnest, batches of ${BATCH}`,
  run: compare,
}

async function compare({ rounds, seconds }: RunOptions): Promise<Comparison[]> {
  const postgres = await startPostgres()
  const { sql, lanes } = await openDatabase({
    database: {
      url: await postgres.createDatabase(),
      poolSize: 8,
      lanes: Math.max(...CONNECTIONS),
      prepare: true,
      statementTimeoutMs: 10_000,
    },
    dataDir: '',
    migrate: true,
    migrations: join(import.meta.dir, '../../../drizzle'),
    onCrash: () => undefined,
    onUpkeepError: () => undefined,
  })
  const store = createStore(sql, lanes, { queryTimeoutMs: 10_000 })
  const drafts = await createDrafts(store)
  await createPlainTable(sql)

  const comparisons: Comparison[] = []
  for (const connections of CONNECTIONS) {
    const used = lanes.slice(0, connections)
    const turns = await alternate(
      rounds,
      () =>
        turn(
          postgres,
          seconds,
          used.map((_, lane) => () => append(store, lane, drafts(lane, connections))),
        ),
      () =>
        turn(
          postgres,
          seconds,
          used.map((client, lane) => () => plainInsert(client, drafts(lane, connections))),
        ),
    )
    const name = connections === 1 ? '1 connection' : `${connections} connections`
    comparisons.push({
      name,
      unit: 'rows/s',
      by: 'ratio',
      target: TARGET,
      counted: 'rows',
      sides: ['append', 'plain insert'],
      ...turns,
    })
  }
  return comparisons
}

/** Each writer writes one batch after the other for the given time. */
async function turn(
  postgres: PostgresServer,
  seconds: number,
  writers: readonly (() => Promise<void>)[],
): Promise<Turn> {
  const usage = watch([{ name: 'Postgres', pid: postgres.pid, memory: false }])
  const [own, from] = [process.cpuUsage(), performance.now()]
  let rows = 0
  const write = async (batch: () => Promise<void>) => {
    while (performance.now() - from < seconds * 1000) {
      await batch()
      rows += BATCH
    }
  }
  await Promise.all(writers.map(write))
  const elapsed = (performance.now() - from) / 1000
  const { user, system } = process.cpuUsage(own)
  const used = usage((user + system) / 1e6)
  return {
    value: rows / elapsed,
    cpu: perMillion(used, rows),
    memory: used.memory,
    elsewhere: used.elsewhere,
  }
}

/** Makes the rooms; what is returned makes a batch of drafts for random ones of those that belong to a lane. */
async function createDrafts(store: Store): Promise<(lane: number, lanes: number) => Draft[]> {
  const sender: UserRef = await store.createUser('writer', null, 'open')
  const ids: RoomId[] = []
  for (let i = 0; i < ROOMS; i++) {
    const wanted = {
      name: `room ${i}`,
      kind: 'public',
      creator: sender,
      description: '',
      avatar: '',
    } as const
    ids.push((await store.createRoom({ ...wanted, invited: [] })).room.id)
  }
  const key = createKeys()
  return (lane, lanes) => {
    const own = ids.filter((id) => id % lanes === lane)
    return Array.from({ length: BATCH }, () => {
      const roomId = own[Math.floor(Math.random() * own.length)]
      if (roomId === undefined) throw new Error('a lane without rooms')
      const plain = { kind: 'text', body: BODY, replyTo: null, inRoom: true, details: null }
      return { roomId, sender, clientId: key(), ...plain }
    })
  }
}

const BODY = 'A message of an ordinary length, as people write them.'

async function append(store: Store, lane: number, drafts: Draft[]): Promise<void> {
  const { verdicts } = await store.append(lane, grouped(drafts))
  if (verdicts !== null) throw new Error('the batch was not written as it is')
}

function grouped(drafts: Draft[]): Batch {
  const counts = new Map<RoomId, number>()
  const sorted = drafts.toSorted((a, b) => a.roomId - b.roomId)
  for (const { roomId } of sorted) counts.set(roomId, (counts.get(roomId) ?? 0) + 1)
  return { rooms: [...counts.keys()], counts: [...counts.values()], drafts: sorted }
}
