import type { Outcome } from '../link/requests.ts'
import type { ClientFrame, Seq, ServerFrame } from '../wire.ts'

type Subscribe = Extract<ClientFrame, { type: 'subscribe' }>

/** A room that a stream tells of. */
interface Followed {
  /** Up to where everything has come; null before there is anything. */
  position: Seq | null
  readonly epoch: string | undefined
  readonly limit: number | undefined
  /** Hears how the subscription is served; null once it has. */
  answer: ((outcome: Outcome) => void) | null
}

/** The rooms that the streams of one connection tell of, each with its position: the next stream begins there. */
export function createFollowing() {
  const rooms = new Map<number, Followed>()

  return {
    add({ room, after, epoch, limit }: Subscribe, answer: (outcome: Outcome) => void): void {
      rooms.set(room, { position: after ?? null, epoch, limit, answer })
    },
    drop: (room: number): boolean => rooms.delete(room),
    has: (room: number): boolean => rooms.has(room),

    /** How many rooms have yet to be served. */
    unserved(): number {
      let count = 0
      for (const { answer } of rooms.values()) if (answer !== null) count++
      return count
    },

    /**
     * Passes the answer to a new room on.
     * @returns false if the room is not new: it was asked for again where the stream before had ended
     */
    answer(room: number, outcome: Outcome, head: Seq | null): boolean {
      const followed = rooms.get(room)
      const answer = followed?.answer ?? null
      if (followed === undefined || answer === null) return false
      followed.answer = null
      if (head !== null) followed.position = head
      answer(outcome)
      return true
    },

    /** Notes how far a frame leads. */
    heard(frame: ServerFrame): void {
      if (!('room' in frame)) return
      const followed = rooms.get(frame.room)
      const to = frame.type === 'changes' ? frame.to : 'seq' in frame ? frame.seq : null
      if (followed === undefined || to === null) return
      followed.position = Math.max(followed.position ?? 0, to)
    },

    /**
     * What the next stream is asked for.
     * @param held the mark of the history that the rooms which were served are of
     */
    wanted(held: string | undefined) {
      const all = [...rooms]
      const isAnyServed = all.some(([, { answer }]) => answer === null)
      const epoch = isAnyServed ? held : all.find(([, room]) => room.epoch !== undefined)?.[1].epoch
      const limits = all.flatMap(([, { answer, limit }]) => (answer === null ? [] : (limit ?? 50)))
      return {
        // A position of another history cannot be continued together with the others.
        rooms: all.map(([room, { position, answer, epoch: own }]): [number, Seq | null] => [
          room,
          answer !== null && own !== epoch ? null : position,
        ]),
        ...(epoch === undefined ? {} : { epoch }),
        ...(limits.length === 0 ? {} : { limit: Math.max(...limits) }),
      }
    },
  }
}

export type Following = ReturnType<typeof createFollowing>
