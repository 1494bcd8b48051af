import { detailsLength } from '../details/index.ts'
import { ChatError, notMember, restrained } from '../errors.ts'
import type { Message, RoomId, Seq } from '../model.ts'
import type { Batch, BatchResult, Draft, Timer, Verdict } from '../ports.ts'
import type { SendReply } from './send-reply.ts'

/** A send that has no answer yet. */
export interface Pending {
  readonly draft: Draft
  readonly reply: SendReply
  /** Of its text when it was queued: whom it mentions is added later. */
  readonly bytes: number
  /** In the clock's ticks. */
  readonly deadline: number
  /** Whether its sender has been told; it may still be under way. */
  answered: boolean
}

export interface Grouped {
  readonly batch: Batch
  /** Parallel to the batch's drafts. */
  readonly ordered: readonly Pending[]
}

/** Rooms ascending, so that all writers lock them in one order; within a room in the order of arrival. */
export function groupByRoom(pending: readonly Pending[]): Grouped {
  const byRoom = new Map<RoomId, Pending[]>()
  for (const p of pending) {
    const group = byRoom.get(p.draft.roomId)
    if (group === undefined) byRoom.set(p.draft.roomId, [p])
    else group.push(p)
  }
  const rooms = [...byRoom.keys()].sort((a, b) => a - b)
  const counts: number[] = []
  const ordered: Pending[] = []
  for (const room of rooms) {
    const group = byRoom.get(room) ?? []
    counts.push(group.length)
    for (const p of group) ordered.push(p)
  }
  return { batch: { rooms, counts, drafts: ordered.map((p) => p.draft) }, ordered }
}

/** Returns the bytes of text that wait with a draft: two a UTF-16 unit. */
export function bytesOf({ body, details }: Draft): number {
  return (body.length + (details === null ? 0 : detailsLength(details))) * 2
}

/** A draft that was written, as everyone will see it. */
export function writtenMessage(draft: Draft, result: BatchResult, index: number): Message {
  const seq = result.seqs[index]
  const id = result.ids[index]
  const at = result.at[index]
  if (seq === undefined || id === undefined || at === undefined)
    throw new Error('the message log returned fewer results than the batch has drafts')
  const thread = result.threads?.[index] ?? null
  return {
    id,
    roomId: draft.roomId,
    seq,
    versionSeq: null,
    sender: draft.sender,
    clientId: draft.clientId,
    kind: draft.kind,
    body: draft.body,
    replyTo: draft.replyTo,
    details: result.details?.[index] ?? draft.details,
    root: thread?.root ?? null,
    thread,
    inRoom: draft.inRoom,
    createdAt: at,
    editedAt: null,
    deletedAt: null,
  }
}

/** @param wait milliseconds after which a restraint ends; 0 if it is not known */
export function refusal(verdict: Verdict | undefined, wait = 0): ChatError {
  switch (verdict) {
    case 'not_member':
      return notMember()
    case 'key_elsewhere':
      return new ChatError('conflict', 'This idempotency key belongs to a message in another room')
    case 'no_target':
      return new ChatError('invalid', 'must be the number of a message in this room', { field: 'replyTo' })
    case 'no_attachment':
      return new ChatError(
        'invalid',
        'must be your own uploads to this room, of which no message has one yet',
        {
          field: 'attachments',
        },
      )
    case 'muted':
    case 'slow_mode':
    case 'posting_restricted':
    case 'blocked':
      return restrained(verdict, wait)
    default:
      return new ChatError('not_found', 'Room not found')
  }
}

export function gaveUp(): ChatError {
  return new ChatError('unavailable', 'The message could not be stored in time, try again', {
    retryAfterMs: 1000,
  })
}

/** A send that had been written before, where its first result is. */
export interface Retry {
  readonly pending: Pending
  readonly seq: Seq
}

/** The rooms whose messages are written one batch after the other. */
export interface Lane {
  readonly index: number
  gathering: Pending[]
  writing: readonly Pending[]
  busy: boolean
  /** Rings at the deadline of the oldest send that has no answer. */
  alarm: Timer | null
}

export function newLane(index: number): Lane {
  return { index, gathering: [], writing: [], busy: false, alarm: null }
}
