import { ChatError } from '../errors.ts'
import type { OwnMarks, RoomId, Seq, UserRef } from '../model.ts'
import { furthest, START } from '../model.ts'
import type { MovedMarks, RoomReader } from '../ports.ts'

/** Where a member's marks are to move; what is left out stays. */
export interface MarksTo {
  readonly readSeq?: Seq | undefined
  readonly deliveredSeq?: Seq | undefined
}

/** Called after a write that moved a mark, before its callers have the result. */
export type OnMoved = (room: RoomId, user: UserRef, marks: MovedMarks) => void

/** Members whose marks may wait, each room counting by itself. */
const WAITING_LIMIT = 10_000
/** Members whose marks are written at a time: messages are counted for each of them. */
const BATCH_LIMIT = 500

/**
 * Moves marks, many in one statement: while one is written the next ones gather. Of what gathers for the same member of
 * the same room the furthest marks count, and all callers get the same result.
 */
export function createMarks(store: Pick<RoomReader, 'moveMarks'>, onMoved: OnMoved) {
  /** In the order in which they came. */
  const gathering = new Map<string, Waiting>()
  let writing = false

  async function writeAll(): Promise<void> {
    writing = true
    while (gathering.size > 0) await write(nextBatch())
    writing = false
  }

  /** Rooms ascending, then users: every statement that locks several rows locks them in this order. */
  function nextBatch(): Waiting[] {
    const batch: Waiting[] = []
    for (const [key, waiting] of gathering) {
      if (batch.length === BATCH_LIMIT) break
      batch.push(waiting)
      gathering.delete(key)
    }
    return batch.sort((a, b) => a.room - b.room || a.user.id - b.user.id)
  }

  function takeAll(): Waiting[] {
    const all = [...gathering.values()]
    gathering.clear()
    return all
  }

  async function write(batch: readonly Waiting[]): Promise<void> {
    try {
      const wanted = batch.map(({ room, user, readSeq, deliveredSeq }) => ({
        room,
        user: user.id,
        readSeq,
        deliveredSeq,
      }))
      const moved = await store.moveMarks(wanted)
      for (const [i, { room, user, result }] of batch.entries()) {
        const marks = moved[i] ?? null
        if (marks !== null && (marks.moved || marks.number !== null)) onMoved(room, user, marks)
        result.resolve(marks)
      }
    } catch (error) {
      for (const { result } of batch) result.reject(error)
      // Callers that waited while the database was away would wait as long again, batch after batch.
      if (error instanceof ChatError) for (const { result } of takeAll()) result.reject(error)
    }
  }

  return {
    /**
     * @returns where the marks stand once they are written; null for a non-member
     * @throws ChatError `overloaded` where too many wait, `unavailable`
     */
    async move(room: RoomId, user: UserRef, { readSeq, deliveredSeq }: MarksTo): Promise<OwnMarks | null> {
      const key = `${room} ${user.id}`
      let waiting = gathering.get(key)
      if (waiting === undefined) {
        if (gathering.size >= WAITING_LIMIT) {
          throw new ChatError('overloaded', 'Too many marks are waiting, try again', { retryAfterMs: 1000 })
        }
        waiting = { room, user, readSeq: START, deliveredSeq: START, result: Promise.withResolvers() }
        gathering.set(key, waiting)
      }
      waiting.readSeq = furthest(waiting.readSeq, readSeq)
      waiting.deliveredSeq = furthest(waiting.deliveredSeq, deliveredSeq)
      if (!writing) void writeAll()
      return waiting.result.promise
    },
  }
}

interface Waiting {
  readonly room: RoomId
  readonly user: UserRef
  readSeq: Seq
  deliveredSeq: Seq
  readonly result: PromiseWithResolvers<OwnMarks | null>
}
