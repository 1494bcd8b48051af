import type { Sql } from 'postgres'
import type { Batch, BatchResult, DetailsChange, Draft, MessageLog, Seq, UserId } from '../../core/index.ts'
import { changedDetails, isId, storedDetails } from '../../core/index.ts'
import { codeOf, type Guard, NEEDS_CARE, UNIQUE_VIOLATION } from '../connection/index.ts'
import { append, appendCarefully, revise, verdicts } from '../functions/index.ts'
import { KnownMembers } from './known-members.ts'
import { checkedId, toDetails } from './rows.ts'
import { parseThread, parseThreads } from './threads.ts'

/** After a batch with a retry in it a lane uses the careful append for so many batches, since retries come in bursts. */
const CAREFUL_STREAK = 32

/** The kind that `parley_append_messages` writes if it is given none. */
const PLAIN = 'text'

/** Appends batches, and revises messages. @param kept how many former texts of a message stay */
export function createMessageWriter(
  sql: Sql,
  lanes: readonly Sql[],
  guard: Guard,
  laneGuards: readonly Guard[],
  kept: number,
): Pick<MessageLog, 'append' | 'lanes' | 'revise'> {
  const careful = lanes.map(() => 0)
  const members = lanes.map(() => new KnownMembers())

  return {
    lanes: lanes.length,

    append(lane, batch) {
      const client = lanes[lane]
      const laneGuard = laneGuards[lane]
      const known = members[lane]
      if (client === undefined || laneGuard === undefined || known === undefined)
        throw new Error(`there is no lane ${lane}`)
      return laneGuard(async () => {
        const streak = careful[lane] ?? 0
        if (streak > 0) {
          careful[lane] = streak - 1
          return appendDraftByDraft(client, batch)
        }
        try {
          return await appendAtOnce(client, batch, known)
        } catch (error) {
          const code = codeOf(error)
          if (code !== NEEDS_CARE && code !== UNIQUE_VIOLATION) throw error
          // What a batch is refused for otherwise, such as a sender who is muted, does not come in bursts.
          if (code === UNIQUE_VIOLATION) careful[lane] = CAREFUL_STREAK
          return appendDraftByDraft(client, batch)
        }
      })
    },

    revise(access, actor, message, body, details = null, reached = null, asRead = false) {
      return guard(async () => {
        const row = await revise.row(sql, {
          room: message.roomId,
          seq: message.seq,
          actor,
          actor_role: access.role,
          body,
          details: changeColumn(details, reached, asRead ? (message.versionSeq ?? message.seq) : null),
          kept,
        })
        const { version } = row
        if (!isId(version)) return null
        const thread = parseThread(row.thread_now)
        const revised = {
          ...message,
          body: body ?? '',
          root: thread?.root ?? message.root,
          thread,
          versionSeq: version,
          editedAt: row.edited === null ? null : new Date(row.edited),
          deletedAt: row.deleted === null ? null : new Date(row.deleted),
          details: toDetails(row.details),
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

async function appendAtOnce(client: Sql, batch: Batch, known: KnownMembers): Promise<BatchResult> {
  const { rooms, counts, drafts } = batch
  const starts: number[] = []
  const places: number[] = []
  const versions: (number | null)[] = []
  let end = 0
  for (let r = 0; r < rooms.length; r++) {
    const start = end
    end += counts[r] ?? 0
    starts.push(start)
    for (let i = start; i < end; i++) places.push(r + 1)
    const room = rooms[r]
    versions.push(room === undefined ? null : known.versionOf(room, drafts, start, end))
  }
  const columns = columnsOf(drafts)
  const kinds = columns.kinds.every((kind) => kind === PLAIN) ? null : columns.kinds
  const appended = { rooms, counts, starts, versions, place: places, ...columns, kinds }
  const result = await append.row(client, appended)
  const { shifts, ids, versions: found, at: sentAt, settled, threads } = result
  if (found !== null) noteMembers(batch, starts, found, known)
  const seqs: Seq[] = []
  for (let i = 0; i < places.length; i++) {
    seqs.push(checkedId((shifts[(places[i] ?? 0) - 1] ?? Number.NaN) + i + 1))
  }
  const time = new Date(sentAt)
  return {
    verdicts: null,
    seqs,
    ids: ids.map(checkedId),
    at: seqs.map(() => time),
    details: toSettled(settled),
    threads: parseThreads(threads, drafts.length),
  }
}

/** @param versions those of the rooms, at which all senders of the batch might post */
function noteMembers(
  { rooms, counts, drafts }: Batch,
  starts: readonly number[],
  versions: readonly number[],
  known: KnownMembers,
): void {
  for (let r = 0; r < rooms.length; r++) {
    const [room, start, version] = [rooms[r], starts[r], versions[r]]
    if (room === undefined || start === undefined || version === undefined) continue
    known.note(room, version, drafts, start, start + (counts[r] ?? 0))
  }
}

async function appendDraftByDraft(client: Sql, { rooms, counts, drafts }: Batch): Promise<BatchResult> {
  const place = counts.flatMap((count, r) => new Array<number>(count).fill(r + 1))
  const run = () => appendCarefully.row(client, { rooms, place, ...columnsOf(drafts) })
  // If another node has just committed the same idempotency key, this statement's look-up does not see it but the index does. The
  // statement fails on the index; the next run sees the row.
  const { codes, seqs, ids, ats, waits, settled, threads } = await run().catch((error: unknown) => {
    if (codeOf(error) !== UNIQUE_VIOLATION) throw error
    return run()
  })
  return {
    verdicts: codes.map((code) => verdicts[code] ?? 'no_room'),
    // A refused draft has the number 0. The arrays must stay aligned, so any valid number takes its place.
    seqs: seqs.map((seq) => checkedId(seq || 1)),
    ids: ids.map((id) => checkedId(id || 1)),
    at: ats.map(epochDate),
    details: toSettled(settled),
    threads: parseThreads(threads, drafts.length),
    ...(waits.some((wait) => wait > 0) ? { waits } : {}),
  }
}

/** Returns the details of each draft as the database stored them; null if it has changed none. */
function toSettled(list: string | null): BatchResult['details'] {
  if (list === null) return null
  const texts: readonly (string | null)[] = JSON.parse(list)
  return texts.map(toDetails)
}

/** Returns one array for each column of the drafts. */
function columnsOf(drafts: readonly Draft[]) {
  const senders: number[] = []
  const clients: string[] = []
  const kinds: string[] = []
  const bodies: string[] = []
  let hasReplies = false
  let hasDetails = false
  let allInRoom = true
  for (const draft of drafts) {
    senders.push(draft.sender.id)
    clients.push(draft.clientId)
    kinds.push(draft.kind)
    bodies.push(draft.body)
    if (draft.replyTo !== null) hasReplies = true
    if (draft.details !== null) hasDetails = true
    if (!draft.inRoom) allInRoom = false
  }
  const replies = hasReplies ? drafts.map((draft) => draft.replyTo) : null
  const details = hasDetails ? drafts.map(detailsColumn) : null
  const inRoom = allInRoom ? null : drafts.map((draft) => (draft.inRoom ? 1 : 0))
  return { senders, clients, kinds, bodies, replies, details, in_room: inRoom }
}

function detailsColumn({ details, reached }: Draft): string | null {
  return details === null ? null : withReached(storedDetails(details), reached ?? null)
}

function changeColumn(
  details: DetailsChange | null,
  reached: readonly UserId[] | null,
  expected: Seq | null,
): string | null {
  const change = details === null ? null : withReached(changedDetails(details), reached)
  if (expected === null) return change
  return change === null || change === '{}'
    ? `{"expected":${expected}}`
    : `${change.slice(0, -1)},"expected":${expected}}`
}

/**
 * Adds to details, as JSON that has at least one member, whom `@online` reaches. The functions take it out of them again, so that it is
 * not stored with the message.
 */
function withReached(details: string, reached: readonly UserId[] | null): string {
  return reached === null || reached.length === 0
    ? details
    : `${details.slice(0, -1)},"reached":[${reached}]}`
}

/** @param text seconds since 1970 with a fraction; empty if the draft was not written */
function epochDate(text: string): Date {
  return new Date(Math.round(Number.parseFloat(text) * 1000))
}
