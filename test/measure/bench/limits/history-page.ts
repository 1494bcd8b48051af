/*
 * The limit of history: a bare Bun server that reads the latest messages of a room with one query over postgres.js and
 * answers them as contract v1 or v2 does. It asks nobody who they are. Needs DATABASE_URL.
 */
import postgres from 'postgres'

const sql = postgres(process.env.DATABASE_URL ?? '', { max: 10 })
const server = Bun.serve({
  hostname: '127.0.0.1',
  port: 0,
  routes: {
    '/v1/:room': async ({ params, url }) =>
      Response.json((await latest(params.room, limitOf(url))).reverse().map(v1Body)),
    '/v2/:room': async ({ params, url }) => {
      const limit = limitOf(url)
      const rows = await latest(params.room, limit + 1)
      const items = rows.slice(0, limit).reverse().map(v2Body)
      return Response.json({ items, prev: items[0]?.seq ?? null, next: null, head: rows[0]?.head })
    },
  },
})
console.log(JSON.stringify({ msg: 'ready', port: server.port }))

function limitOf(url: string): number {
  return Number(new URL(url).searchParams.get('limit'))
}

async function latest(room: string, limit: number): Promise<MessageRow[]> {
  return [
    ...(await sql<MessageRow[]>`
      select m.id, m.room_id, m.seq, m.version_seq, m.sender_id, u.username, m.client_id, m.kind, m.body, m.reply_to,
        m.created_at, m.edited_at, m.deleted_at, r.last_seq as head
      from messages m join users u on u.id = m.sender_id join rooms r on r.id = m.room_id
      where m.room_id = ${room} and m.deleted_at is null order by m.seq desc limit ${limit}`),
  ]
}

function v1Body(row: MessageRow) {
  return {
    id: row.id,
    room_id: row.room_id,
    user_id: row.sender_id,
    content: row.body,
    type: row.kind,
    created_at: row.created_at,
  }
}

function v2Body(row: MessageRow) {
  return {
    id: Number(row.id),
    room: Number(row.room_id),
    seq: Number(row.seq),
    version: row.version_seq === null ? null : Number(row.version_seq),
    sender: { id: Number(row.sender_id), username: row.username },
    client_id: row.client_id,
    kind: row.kind,
    body: row.body,
    reply_to: row.reply_to === null ? null : Number(row.reply_to),
    created_at: row.created_at,
    edited_at: row.edited_at,
    deleted_at: row.deleted_at,
  }
}

/** As the driver gives it: bigints as text, times as dates. */
interface MessageRow {
  readonly id: string
  readonly room_id: string
  readonly seq: string
  readonly version_seq: string | null
  readonly sender_id: string
  readonly username: string
  readonly client_id: string
  readonly kind: string
  readonly body: string
  readonly reply_to: string | null
  readonly created_at: Date
  readonly edited_at: Date | null
  readonly deleted_at: Date | null
  readonly head: string
}
