import type { Sql } from 'postgres'
import type { Sent } from '../../../src/api/v2/wire/index.ts'
import { findGaps } from '../../e2e/numbers.ts'
import type { ReplicaState } from '../../proofs/replica.ts'
import type { Sending } from './sending.ts'

export interface Evidence {
  readonly sendings: readonly Sending[]
  readonly holdings: readonly Holding[]
}

/** The events of one room that one client holds: everything from the beginning, or from its latest snapshot. */
export interface Holding {
  readonly who: string
  readonly room: number
  readonly state: ReplicaState
}

/**
 * What must hold whatever happened in between: every acknowledged message is stored, where it was said to be, once; all
 * acknowledgements of one message are the same; all that is stored was sent; every room's numbers are dense; and everyone
 * holds exactly what is stored, in its order.
 *
 * @returns violations, one sentence each; empty if everything holds
 */
export async function judge(sql: Sql, evidence: Evidence): Promise<string[]> {
  const rooms = [...new Set(evidence.holdings.map(({ room }) => room))]
  return [...compare(evidence, await readStored(sql, rooms)), ...(await findGaps(sql))]
}

/** Checks the same for rows that were read already, except the rooms' numbers. */
export function compare({ sendings, holdings }: Evidence, { rows, heads }: Stored): string[] {
  return [
    ...judgeSendings(sendings, rows),
    ...judgeRows(sendings, rows),
    ...judgeHoldings(holdings, rows, heads),
  ]
}

/** The rows of the database. */
export interface Stored {
  /** Sorted by room and number. */
  readonly rows: readonly Row[]
  /** Each room's last number. */
  readonly heads: ReadonlyMap<number, number>
}

export interface Row {
  readonly room: number
  readonly seq: number
  readonly id: number
  readonly version: number | null
  readonly sender: number
  readonly clientId: string
  readonly body: string
  readonly deleted: boolean
  readonly createdAt: string
}

function judgeSendings(sendings: readonly Sending[], rows: readonly Row[]): string[] {
  const stored = Map.groupBy(rows, keyOf)
  return sendings.flatMap((sending) => {
    const { body, acks, change } = sending
    const found = stored.get(keyOf(sending)) ?? []
    const wrong: string[] = []
    if (found.length > 1) wrong.push(`${body} is stored ${found.length} times`)
    if (new Set(acks.map((ack) => JSON.stringify(saidIn(ack)))).size > 1)
      wrong.push(`${body} was acknowledged in several ways: ${JSON.stringify(acks)}`)
    const [row] = found
    const [ack] = acks
    if (ack === undefined) return wrong
    if (row === undefined) return [...wrong, `${body} was acknowledged, but is not stored`]
    const place = [row.room, row.seq, row.id, row.clientId, row.createdAt]
    const said = saidIn(ack)
    if (JSON.stringify(place) !== JSON.stringify(said))
      wrong.push(`${body} was acknowledged as ${said}, but is stored as ${place}`)
    if (change !== null && change.version !== null && row.version !== change.version)
      wrong.push(
        `the change of ${body} was acknowledged as ${change.version}, but is stored as ${row.version}`,
      )
    return wrong
  })
}

function saidIn({ room, seq, message, client_id, created_at }: Sent): (string | number)[] {
  return [room, seq, message, client_id, created_at]
}

function judgeRows(sendings: readonly Sending[], rows: readonly Row[]): string[] {
  const sent = new Map(sendings.map((sending) => [keyOf(sending), sending]))
  return rows.flatMap((row) => {
    const sending = sent.get(keyOf(row))
    if (sending === undefined) return [`${row.body} is stored, but nobody sent it`]
    const { body, change, room } = sending
    if (row.room !== room) return [`${body} is stored in the room ${row.room}, but was sent to ${room}`]
    if (row.version === null) return row.body === body ? [] : [`${body} is stored as ${row.body}`]
    const changed = change?.kind === 'delete' ? '' : `${body}, or rather`
    return change !== null && row.body === changed
      ? []
      : [`${body} was changed into ${row.body}, as nobody wanted`]
  })
}

function judgeHoldings(
  holdings: readonly Holding[],
  rows: readonly Row[],
  heads: ReadonlyMap<number, number>,
): string[] {
  const byRoom = Map.groupBy(rows, ({ room }) => room)
  const expected = new Map(
    [...byRoom].map(([room, own]) => [room, own.map((row) => ({ seq: row.seq, line: lineOf(row) }))]),
  )
  return holdings.flatMap(({ who, room, state }) => {
    if (state.position !== heads.get(room))
      return [`${who} is at ${state.position} of ${heads.get(room)} in ${room}`]
    const lines = (expected.get(room) ?? []).filter(({ seq }) => seq >= state.from).map(({ line }) => line)
    const messages = state.messages.filter(({ seq }) => seq >= state.from)
    const held = messages.map((message) =>
      lineOf({
        ...message,
        sender: message.sender.id,
        clientId: message.client_id,
        createdAt: message.created_at,
        deleted: message.deleted_at !== null,
      }),
    )
    const odd = lines.findIndex((line, index) => line !== held[index])
    if (odd === -1 && held.length === lines.length) return []
    return [
      `${who} holds ${held.length} of ${lines.length} messages of ${room}: ${held[odd]} in place of ${lines[odd]}`,
    ]
  })
}

async function readStored(sql: Sql, rooms: readonly number[]): Promise<Stored> {
  const rows = await sql<Row[]>`
    select room_id::float8 as room, seq::float8 as seq, id::float8 as id, version_seq::float8 as version, sender_id::float8 as sender,
      client_id as "clientId", body, deleted_at is not null as deleted,
      to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "createdAt"
    from messages where room_id = any(${[...rooms]}::bigint[]) order by room_id, messages.seq`
  const heads = await sql<{ id: number; head: number }[]>`
    select id::float8 as id, last_seq::float8 as head from rooms`
  return { rows, heads: new Map(heads.map(({ id, head }) => [id, head])) }
}

function keyOf({ sender, clientId }: { readonly sender: number; readonly clientId: string }): string {
  return `${sender} ${clientId}`
}

function lineOf({ seq, id, version, sender, clientId, body, deleted, createdAt }: Omit<Row, 'room'>): string {
  return JSON.stringify([seq, id, version, sender, clientId, body, deleted, createdAt])
}
