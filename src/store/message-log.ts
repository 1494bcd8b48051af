import type { Sql } from 'postgres'
import type { Batch, BatchResult, Draft, MessageLog, RoomId, Seq, UserId, Verdict } from '../core/index.ts'
import { isId } from '../core/index.ts'
import { codeOf, type Guard, NEEDS_CARE, UNIQUE_VIOLATION } from './guard.ts'
import { fromArray, numberArray, textArray } from './pg-array.ts'
import { checkedId } from './rows.ts'

const FAST = `select bases::text, ids::text, (extract(epoch from at) * 1000)::float8 as at from parley_append(
  $1::text::bigint[], $2::text::int[], $3::text::bigint[], $4::text::bigint[], $5::text::int[], $6::text::int[],
  $7::text::bigint[], $8::text::text[], $9::text::text[], $10::text::text[], $11::text::bigint[])`

const CAREFUL = `select codes::text, seqs::text, ids::text, ats::text from parley_append_carefully(
  $1::text::bigint[], $2::text::int[], $3::text::bigint[], $4::text::text[], $5::text::text[], $6::text::text[],
  $7::text::bigint[])`

/** After a batch with a retry in it a lane goes the careful way at once for so many batches: retries come in flocks. */
const CAREFUL_STREAK = 32

const verdicts: readonly Verdict[] = ['sent', 'retry', 'not_member', 'no_room', 'key_elsewhere']

/**
 * The batch append. Arrays travel as text in Postgres's own notation, one parameter a column: the driver then neither
 * inspects nor converts each element.
 */
export function createMessageWriter(
  sql: Sql,
  lanes: readonly Sql[],
  guard: Guard,
  laneGuards: readonly Guard[],
): Pick<MessageLog, 'append' | 'lanes' | 'revise'> {
  const careful = lanes.map(() => 0)

  return {
    lanes: lanes.length,

    append(lane, batch) {
      const client = lanes[lane]
      const laneGuard = laneGuards[lane]
      if (client === undefined || laneGuard === undefined) throw new Error(`there is no lane ${lane}`)
      return laneGuard(async () => {
        const streak = careful[lane] ?? 0
        if (streak > 0) {
          careful[lane] = streak - 1
          return appendCarefully(client, batch)
        }
        try {
          return await appendFast(client, batch)
        } catch (error) {
          const code = codeOf(error)
          if (code !== NEEDS_CARE && code !== UNIQUE_VIOLATION) throw error
          careful[lane] = CAREFUL_STREAK
          return appendCarefully(client, batch)
        }
      })
    },

    revise(standing, actor, message, body) {
      return guard(async () => {
        const [row] = await sql<{ version: number | null; edited: number | null; deleted: number | null }[]>`
          select version::float8 as version, (extract(epoch from edited) * 1000)::float8 as edited,
            (extract(epoch from deleted) * 1000)::float8 as deleted
          from parley_revise(${message.roomId}, ${message.seq}, ${actor}, ${standing.role}, ${body})`
        const version = row?.version
        if (row === undefined || !isId(version)) return null
        const revised = {
          ...message,
          body: body ?? '',
          versionSeq: version,
          editedAt: row.edited === null ? null : new Date(row.edited),
          deletedAt: row.deleted === null ? null : new Date(row.deleted),
        }
        return {
          type: body === null ? 'deleted' : 'edited',
          roomId: message.roomId,
          seq: version,
          message: revised,
        }
      })
    },
  }
}

async function appendFast(client: Sql, { rooms, counts, drafts }: Batch): Promise<BatchResult> {
  const pairRooms: RoomId[] = []
  const pairUsers: UserId[] = []
  const places: number[] = []
  const offsets: number[] = []
  let at = 0
  for (let r = 0; r < rooms.length; r++) {
    const room = rooms[r]
    const count = counts[r] ?? 0
    const senders = new Set<UserId>()
    for (let i = 1; i <= count; i++) {
      const draft = drafts[at++]
      if (draft !== undefined) senders.add(draft.sender.id)
      places.push(r + 1)
      offsets.push(i)
    }
    for (const sender of senders) {
      if (room !== undefined) pairRooms.push(room)
      pairUsers.push(sender)
    }
  }
  const [row] = await client.unsafe<{ bases: string; ids: string; at: number }[]>(
    FAST,
    [
      numberArray(rooms),
      numberArray(counts),
      numberArray(pairRooms),
      numberArray(pairUsers),
      numberArray(places),
      numberArray(offsets),
      ...columns(drafts),
    ],
    { prepare: client.options.prepare },
  )
  if (row === undefined) throw new Error('the append answered nothing')
  const bases = fromArray(row.bases)
  const seqs: Seq[] = []
  for (let i = 0; i < places.length; i++) {
    seqs.push(checkedId((bases[(places[i] ?? 0) - 1] ?? Number.NaN) + (offsets[i] ?? 0)))
  }
  const time = new Date(row.at)
  return { verdicts: null, seqs, ids: fromArray(row.ids).map(checkedId), at: seqs.map(() => time) }
}

async function appendCarefully(client: Sql, { rooms, counts, drafts }: Batch): Promise<BatchResult> {
  const places = counts.flatMap((count, r) => new Array<number>(count).fill(r + 1))
  const run = () =>
    client.unsafe<{ codes: string; seqs: string; ids: string; ats: string }[]>(
      CAREFUL,
      [numberArray(rooms), numberArray(places), ...columns(drafts)],
      { prepare: client.options.prepare },
    )
  // A retry that another node has just committed is invisible to this statement's look-up but not to the index: once
  // it has failed on that, the next run sees it.
  const [row] = await run().catch((error: unknown) => {
    if (codeOf(error) !== UNIQUE_VIOLATION) throw error
    return run()
  })
  if (row === undefined) throw new Error('the append answered nothing')
  return {
    verdicts: fromArray(row.codes).map((code) => verdicts[code] ?? 'no_room'),
    // A draft that was refused has 0 for a number; its place is kept by a number that means nothing.
    seqs: fromArray(row.seqs).map((seq) => checkedId(seq || 1)),
    ids: fromArray(row.ids).map((id) => checkedId(id || 1)),
    at: row.ats.slice(1, -1).split(',').map(epochDate),
  }
}

function columns(drafts: readonly Draft[]): (string | null)[] {
  const senders: number[] = []
  const clients: string[] = []
  const kinds: string[] = []
  const bodies: string[] = []
  let answers = false
  for (const draft of drafts) {
    senders.push(draft.sender.id)
    clients.push(draft.clientId)
    kinds.push(draft.kind)
    bodies.push(draft.body)
    if (draft.replyTo !== null) answers = true
  }
  const replies = answers ? numberArray(drafts.map((draft) => draft.replyTo)) : null
  return [numberArray(senders), textArray(clients), textArray(kinds), textArray(bodies), replies]
}

/** Seconds since 1970 with a fraction, or `""` where the verdict has no time. */
function epochDate(text: string): Date {
  return new Date(Math.round(Number.parseFloat(text) * 1000))
}
