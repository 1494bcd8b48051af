import type { Sql } from 'postgres'
import type { Draft } from '../../../../src/core/index.ts'
import { toArray } from '../../../../src/store/sql/pg-array.ts'

/** The limit of ingest: rows of the same content, in a table that does nothing but number them. */
export async function createPlainTable(sql: Sql): Promise<void> {
  await sql`create table plain_messages (
    id bigint generated always as identity primary key, room_id bigint not null, sender_id bigint not null,
    client_id text not null, kind text not null, body text not null, created_at timestamptz not null default now())`
}

export async function plainInsert(sql: Sql, drafts: readonly Draft[]): Promise<void> {
  await sql.unsafe(
    INSERT,
    [
      toArray(drafts.map((draft) => draft.roomId)),
      toArray(drafts.map((draft) => draft.sender.id)),
      toArray(drafts.map((draft) => draft.clientId)),
      toArray(drafts.map((draft) => draft.kind)),
      toArray(drafts.map((draft) => draft.body)),
    ],
    { prepare: true },
  )
}

const INSERT = `insert into plain_messages (room_id, sender_id, client_id, kind, body)
  select * from unnest($1::text::bigint[], $2::text::bigint[], $3::text::text[], $4::text::text[], $5::text::text[])`
