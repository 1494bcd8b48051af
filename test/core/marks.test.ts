import { beforeEach, describe, expect, test } from 'bun:test'
import { ChatError, type MarksWanted, type MovedMarks, type OwnMarks } from '../../src/core/index.ts'
import { createMarks } from '../../src/core/rooms/marks.ts'
import { settled } from './fakes/clock.ts'
import { id, present, seq, userRef } from './fakes/values.ts'

/** A store whose writes end when a test says so. */
class Rig {
  readonly writes: Write[] = []
  readonly told: [number, number, MovedMarks][] = []
  readonly marks = createMarks(
    { moveMarks: (wanted) => this.#write(wanted) },
    (room, user, moved) => void this.told.push([room, user.id, moved]),
  )

  move(room: number, user: number, marks: { read?: number; delivered?: number }): Promise<OwnMarks | null> {
    const { read, delivered } = marks
    return this.marks.move(id(room), userRef(user), {
      readSeq: read === undefined ? undefined : seq(read),
      deliveredSeq: delivered === undefined ? undefined : seq(delivered),
    })
  }

  /** Ends the nth write (from 0) with what a store returns if everyone is a member. */
  end(nth: number, written: (wanted: MarksWanted) => MovedMarks | null = standing): Promise<void> {
    const { wanted, answered } = present(this.writes[nth])
    answered.resolve(wanted.map(written))
    return settled()
  }

  /** Each pair of room and user of a write, with the marks wanted. */
  wanted(nth: number): number[][] {
    const { wanted } = present(this.writes[nth])
    return wanted.map(({ room, user, readSeq, deliveredSeq }) => [room, user, readSeq, deliveredSeq])
  }

  #write(wanted: readonly MarksWanted[]): Promise<(MovedMarks | null)[]> {
    const write = { wanted, answered: Promise.withResolvers<(MovedMarks | null)[]>() }
    this.writes.push(write)
    return write.answered.promise
  }
}

let rig: Rig

beforeEach(() => {
  rig = new Rig()
})

describe('marks', () => {
  test('are written at once if none are under way, and the result says where they stand', async () => {
    const moved = rig.move(1, 2, { read: 5 })
    expect(rig.wanted(0)).toEqual([[1, 2, 5, 0]])
    await rig.end(0)
    expect(await moved).toMatchObject({
      readSeq: seq(5),
      deliveredSeq: seq(5),
      unread: 3,
      mentions: 0,
      head: seq(100),
    })
  })

  test('are batched while others are written, and written next, by room and user', async () => {
    rig.move(9, 9, { read: 1 })
    for (const [room, user] of [
      [2, 7],
      [1, 8],
      [2, 3],
      [10, 1],
      [1, 20],
    ] as const) {
      rig.move(room, user, { delivered: 4 })
    }
    await settled()
    expect(rig.writes).toHaveLength(1)
    await rig.end(0)
    expect(rig.wanted(1)).toEqual([
      [1, 8, 0, 4],
      [1, 20, 0, 4],
      [2, 3, 0, 4],
      [2, 7, 0, 4],
      [10, 1, 0, 4],
    ])
    await rig.end(1)
    expect(rig.writes).toHaveLength(2)
  })

  test('of one member in one room are written once, the furthest of each, with the same result for all callers', async () => {
    rig.move(9, 9, { read: 1 })
    const moves = [
      rig.move(1, 2, { read: 5, delivered: 6 }),
      rig.move(1, 2, { delivered: 9 }),
      rig.move(1, 2, { read: 7 }),
      rig.move(1, 2, { read: 3, delivered: 4 }),
      rig.move(1, 2, {}),
    ]
    await rig.end(0)
    expect(rig.wanted(1)).toEqual([[1, 2, 7, 9]])
    await rig.end(1)
    const heard = await Promise.all(moves)
    expect(new Set(heard).size).toBe(1)
    expect(heard[0]).toMatchObject({ readSeq: seq(7), deliveredSeq: seq(9) })
    expect(rig.told.map(([room, user]) => [room, user])).toEqual([
      [9, 9],
      [1, 2],
    ])
  })

  test('that arrive while the same member’s are being written are written after them', async () => {
    const first = rig.move(1, 2, { read: 5 })
    const second = rig.move(1, 2, { read: 6 })
    await rig.end(0)
    expect(await first).toMatchObject({ readSeq: seq(5) })
    await rig.end(1)
    expect(await second).toMatchObject({ readSeq: seq(6) })
  })

  test('that moved are announced before the result; others are not announced', async () => {
    const order: string[] = []
    rig.move(1, 2, { read: 5 }).then(() => order.push(`answer, told ${rig.told.length}`))
    const still = rig.move(1, 3, { read: 5 })
    const stranger = rig.move(1, 4, { read: 5 })
    await rig.end(0)
    expect(order).toEqual(['answer, told 1'])
    await rig.end(1, (wanted) => (wanted.user === 4 ? null : { ...standing(wanted), moved: false }))
    expect(await still).toMatchObject({ readSeq: seq(5) })
    expect(await stranger).toBeNull()
    expect(rig.told).toHaveLength(1)
  })

  test('do not wait for an unavailable database: waiting ones fail too, and later ones are tried', async () => {
    const failed = [rig.move(1, 2, { read: 5 }), rig.move(1, 3, { read: 6 })]
    const away = new ChatError('unavailable', 'away')
    present(rig.writes[0]).answered.reject(away)
    const refused = (await Promise.allSettled(failed)).map((one) => one.status === 'rejected' && one.reason)
    expect(refused).toEqual([away, away])
    const next = rig.move(1, 2, { read: 7 })
    expect(rig.wanted(1)).toEqual([[1, 2, 7, 0]])
    await rig.end(1)
    expect(await next).toMatchObject({ readSeq: seq(7) })
  })

  test('that fail through their own fault do not fail others', async () => {
    const failed = rig.move(1, 2, { read: 5 })
    const next = rig.move(1, 3, { read: 6 })
    present(rig.writes[0]).answered.reject(new RangeError('a fault'))
    await expect(failed).rejects.toBeInstanceOf(RangeError)
    await settled()
    await rig.end(1)
    expect(await next).toMatchObject({ readSeq: seq(6) })
  })

  test('are written five hundred at a time, in order of arrival', async () => {
    rig.move(1, 1, { read: 1 })
    for (let user = 2000; user > 800; user--) rig.move(1, user, { read: 1 })
    for (let write = 0; write < 4; write++) await rig.end(write)
    const users = rig.writes.map(({ wanted }) => wanted.map(({ user }) => user))
    expect(users.map(({ length }) => length)).toEqual([1, 500, 500, 200])
    expect([users[1]?.[0], users[1]?.at(-1), users[3]?.[0]]).toEqual([1501, 2000, 801].map(id))
  })

  test('are refused if too many wait, except for members who already wait', async () => {
    rig.move(1, 1, { read: 1 })
    for (let user = 1; user <= 10_000; user++) rig.move(2, user, { read: 1 })
    await expect(rig.move(3, 1, { read: 1 })).rejects.toMatchObject({ kind: 'overloaded', retryable: true })
    const waiting = rig.move(2, 5, { read: 9 })
    await rig.end(0)
    const late = rig.move(3, 1, { read: 1 })
    for (let write = 1; write <= 21; write++) await rig.end(write)
    expect(await waiting).toMatchObject({ readSeq: seq(9) })
    expect(await late).toMatchObject({ readSeq: seq(1) })
    expect(rig.writes).toHaveLength(22)
  })
})

/** What a store returns if everybody is a member and everything moves. */
function standing({ readSeq, deliveredSeq }: MarksWanted): MovedMarks {
  const delivered = deliveredSeq > readSeq ? deliveredSeq : readSeq
  const moved = { shownReadSeq: readSeq, moved: true, number: null }
  return { readSeq, deliveredSeq: delivered, unread: 3, mentions: 0, head: seq(100), members: 4, ...moved }
}

interface Write {
  readonly wanted: readonly MarksWanted[]
  readonly answered: PromiseWithResolvers<(MovedMarks | null)[]>
}
