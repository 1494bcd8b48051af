import type { Sql } from 'postgres'
import type { Batch, BatchResult, Draft, MessageLog, RoomId, Seq, UserId } from '../../core/index.ts'
import { isId } from '../../core/index.ts'
import { codeOf, type Guard, NEEDS_CARE, UNIQUE_VIOLATION } from '../connection/index.ts'
import { append, appendCarefully, revise, verdicts } from '../functions/index.ts'
import { checkedId } from './rows.ts'

/** After a batch with a retry in it a lane uses the careful append for so many batches, since retries come in bursts. */
const CAREFUL_STREAK = 32

/** Appends batches, and revises messages. */
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
          return appendDraftByDraft(client, batch)
        }
        try {
          return await appendAtOnce(client, batch)
        } catch (error) {
          const code = codeOf(error)
          if (code !== NEEDS_CARE && code !== UNIQUE_VIOLATION) throw error
          careful[lane] = CAREFUL_STREAK
          return appendDraftByDraft(client, batch)
        }
      })
    },

    revise(access, actor, message, body) {
      return guard(async () => {
        const row = await revise.row(sql, {
          room: message.roomId,
          seq: message.seq,
          actor,
          actor_role: access.role,
          body,
        })
        const { version } = row
        if (!isId(version)) return null
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

async function appendAtOnce(client: Sql, { rooms, counts, drafts }: Batch): Promise<BatchResult> {
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
  const {
    bases,
    ids,
    at: sentAt,
  } = await append.row(client, {
    rooms,
    counts,
    pair_rooms: pairRooms,
    pair_users: pairUsers,
    place: places,
    offset: offsets,
    ...columnsOf(drafts),
  })
  const seqs: Seq[] = []
  for (let i = 0; i < places.length; i++) {
    seqs.push(checkedId((bases[(places[i] ?? 0) - 1] ?? Number.NaN) + (offsets[i] ?? 0)))
  }
  const time = new Date(sentAt)
  return { verdicts: null, seqs, ids: ids.map(checkedId), at: seqs.map(() => time) }
}

async function appendDraftByDraft(client: Sql, { rooms, counts, drafts }: Batch): Promise<BatchResult> {
  const place = counts.flatMap((count, r) => new Array<number>(count).fill(r + 1))
  const run = () => appendCarefully.row(client, { rooms, place, ...columnsOf(drafts) })
  // If another node has just committed the same idempotency key, this statement's look-up does not see it but the index does. The
  // statement fails on the index; the next run sees the row.
  const { codes, seqs, ids, ats } = await run().catch((error: unknown) => {
    if (codeOf(error) !== UNIQUE_VIOLATION) throw error
    return run()
  })
  return {
    verdicts: codes.map((code) => verdicts[code] ?? 'no_room'),
    // A refused draft has the number 0. The arrays must stay aligned, so any valid number takes its place.
    seqs: seqs.map((seq) => checkedId(seq || 1)),
    ids: ids.map((id) => checkedId(id || 1)),
    at: ats.map(epochDate),
  }
}

/** Returns one array for each column of the drafts. */
function columnsOf(drafts: readonly Draft[]) {
  const senders: number[] = []
  const clients: string[] = []
  const kinds: string[] = []
  const bodies: string[] = []
  let hasReplies = false
  for (const draft of drafts) {
    senders.push(draft.sender.id)
    clients.push(draft.clientId)
    kinds.push(draft.kind)
    bodies.push(draft.body)
    if (draft.replyTo !== null) hasReplies = true
  }
  const replies = hasReplies ? drafts.map((draft) => draft.replyTo) : null
  return { senders, clients, kinds, bodies, replies }
}

/** @param text seconds since 1970 with a fraction; empty if the draft was not written */
function epochDate(text: string): Date {
  return new Date(Math.round(Number.parseFloat(text) * 1000))
}
