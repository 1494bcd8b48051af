import { join } from 'node:path'
import type { Sql } from 'postgres'
import type { Store } from '../../../../src/core/index.ts'
import { gramsOf } from '../../../../src/core/search/grams.ts'
import { searchText } from '../../../../src/core/text/search-text.ts'
import { openDatabase } from '../../../../src/store/connection/database.ts'
import { createStore } from '../../../../src/store/index.ts'
import { toArray } from '../../../../src/store/sql/index.ts'
import { type PostgresServer, startPostgres } from '../../../support/postgres-server.ts'
import { numbers, speaker } from './corpus.ts'

export const ROOMS = 1000
export const USERS = 500
/** A user who is in every room, one in 40 rooms, and one in none. */
export const EVERYWHERE = 1
export const ORDINARY = 2
export const OUTSIDER = USERS + 1
const PIECE = 10_000

export interface Corpus {
  readonly postgres: PostgresServer
  readonly sql: Sql
  readonly store: Store
  /** Of each message, in the order of ids from 1. */
  readonly bodies: readonly string[]
  readonly rooms: readonly number[]
  /** Seconds that indexing took, and bytes of tables and indexes. */
  readonly indexedIn: number
  readonly bytes: { readonly messages: number; readonly docs: number; readonly keys: number }
}

/** Fills a database with so many messages, and indexes them. Every fifth room is public. */
export async function openCorpus(count: number, log: (line: string) => void): Promise<Corpus> {
  const postgres = await startPostgres({ shared_buffers: '1GB', max_wal_size: '4GB' })
  const url = await postgres.createDatabase()
  const { sql, lanes } = await openDatabase({
    database: { url, poolSize: 4, lanes: 1, prepare: true, statementTimeoutMs: 120_000 },
    dataDir: '',
    migrate: true,
    migrations: join(import.meta.dir, '../../../../drizzle'),
    onCrash: () => undefined,
    onUpkeepError: () => undefined,
  })
  const store = createStore(sql, lanes, { queryTimeoutMs: 120_000 })
  await sql`insert into users (username, username_key, look_alike, kind)
    select 'user-' || n, 'user-' || n, 'user-' || n, 'open' from generate_series(1, ${USERS + 1}::int) n`
  await sql`insert into rooms (name, kind, creator_id) select 'room ' || n, case when n % 5 = 0 then 'public' else 'private' end, 1
    from generate_series(1, ${ROOMS}::int) n`
  await sql`insert into members (room_id, user_id, role) select r, ${EVERYWHERE}::int, 'owner' from generate_series(1, ${ROOMS}::int) r
    union all select r * 25, ${ORDINARY}::int, 'member' from generate_series(1, ${ROOMS / 25}::int) r`
  const [bodies, rooms] = await say(sql, count)
  log(`${count} messages are written`)
  const indexedIn = await indexAll(sql, store, count)
  log(`indexed in ${indexedIn.toFixed(1)} s`)
  await sql`vacuum (analyze)`
  const [bytes] = await sql<Corpus['bytes'][]>`
    select pg_total_relation_size('messages')::float8 as messages, pg_total_relation_size('search_docs')::float8 as docs,
      pg_relation_size('search_docs_keys')::float8 as keys`
  if (bytes === undefined) throw new Error('nothing has a size')
  return { postgres, sql, store, bodies, rooms, indexedIn, bytes }
}

async function say(sql: Sql, count: number): Promise<[string[], number[]]> {
  const [speak, random] = [speaker(1), numbers(2)]
  const [bodies, rooms]: [string[], number[]] = [[], []]
  const heads = new Array<number>(ROOMS + 1).fill(0)
  for (let from = 0; from < count; from += PIECE) {
    const ids: number[] = []
    const seqs: number[] = []
    for (let n = from; n < Math.min(count, from + PIECE); n++) {
      // A few rooms have most of the messages.
      const room = 1 + Math.min(ROOMS - 1, Math.floor(ROOMS ** random() - 1))
      heads[room] = (heads[room] ?? 0) + 1
      bodies.push(speak().body)
      rooms.push(room)
      ids.push(n + 1)
      seqs.push(heads[room] ?? 0)
    }
    await sql`insert into messages (room_id, seq, id, sender_id, client_id, kind, body, created_at)
      select w.room, w.seq, w.id, 1 + w.id % ${USERS}::int, 'key-' || w.id, 'text', w.body, now() - (${count}::int - w.id) * interval '1 second'
      from unnest(${toArray(rooms.slice(from))}::text::bigint[], ${toArray(seqs)}::text::bigint[], ${toArray(ids)}::text::bigint[],
        ${toArray(bodies.slice(from))}::text::text[]) w(room, seq, id, body)`
  }
  await sql`update rooms r set last_seq = w.head from unnest(${toArray(heads.slice(1))}::text::bigint[]) with ordinality w(head, id) where r.id = w.id`
  await sql`select setval('message_ids', ${count})`
  return [bodies, rooms]
}

async function indexAll(sql: Sql, store: Store, count: number): Promise<number> {
  await sql`insert into search_queue (first_id, last_id)
    select first, first + 499 from generate_series(1, ${count}::int, 500) first order by first desc`
  const from = performance.now()
  for (let work = await store.unindexed(); work !== null; work = await store.unindexed()) {
    await store.index(
      work,
      work.messages.map(({ body }) => gramsOf(searchText(body))),
    )
  }
  return (performance.now() - from) / 1000
}
