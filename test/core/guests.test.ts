import { beforeEach, describe, expect, test } from 'bun:test'
import {
  ChatError,
  type GuestRegister,
  type ListedStay,
  type RoomId,
  type Stay,
  type User,
  type UserId,
  type UserRef,
} from '../../src/core/index.ts'
import { createGuests, type Guests } from '../../src/core/people/index.ts'
import { AccountsRig, HERE } from './fakes/accounts-rig.ts'
import { settled } from './fakes/clock.ts'
import { id, room, user } from './fakes/values.ts'

const LOBBY = { name: 'lobby' }
const ROOM: RoomId = id(7)

let register: MemoryGuests
let guests: Guests
let rig: AccountsRig
/** Who has joined and left, in order. */
let moves: string[]
let failing: Error | null
let faults: unknown[]

beforeEach(() => {
  register = new MemoryGuests()
  rig = new AccountsRig()
  moves = []
  failing = null
  faults = []
  guests = node()
})

function node(): Guests {
  return createGuests({
    register,
    limiter: rig.limiter,
    secrets: { token: () => crypto.randomUUID().replaceAll('-', '') },
    membership: {
      async join(_ref, { id: guest }) {
        if (failing !== null) throw failing
        moves.push(`+${guest}`)
        register.rooms.set(guest, [ROOM])
        return { room: room({ id: ROOM }), role: 'member', invited: false }
      },
      async leave(_ref, { id: guest }: UserRef) {
        if (failing !== null) throw failing
        moves.push(`-${guest}`)
        register.rooms.delete(guest)
      },
    },
    onFault: (error) => faults.push(error),
  })
}

const away = () => new ChatError('unavailable', 'The database is not available, try again')

describe('a guest', () => {
  test('is in the room from connecting to leaving, and reusable then', async () => {
    const guest = await guests.enter(LOBBY, HERE)
    expect(guest.user.username).toMatch(/^guest-[0-9a-f]{10}$/)
    expect([moves, register.there()]).toEqual([[`+${guest.user.id}`], [guest.user.id]])
    guest.leave()
    guest.leave()
    await settled()
    expect([moves, register.there()]).toEqual([[`+${guest.user.id}`, `-${guest.user.id}`], []])
  })

  test('is refused, and no account is created, once the address has used its limit', async () => {
    rig.limiter.spent.add('guest_address here')
    await expect(guests.enter(LOBBY, HERE)).rejects.toMatchObject({
      kind: 'rate_limited',
      retryAfterMs: 1234,
    })
    expect([moves, register.there()]).toEqual([[], []])
  })

  test('who cannot join is reusable at once', async () => {
    failing = new ChatError('hidden', 'Room not found')
    await expect(guests.enter(LOBBY, HERE)).rejects.toBe(failing)
    await settled()
    expect(register.there()).toEqual([])
  })

  test('who was removed, or whose room is gone, is reusable as well', async () => {
    const guest = await guests.enter(LOBBY, HERE)
    failing = new ChatError('not_found', 'Room not found')
    guest.leave()
    await settled()
    expect([register.there(), faults]).toEqual([[], []])
  })

  test('who leaves while the database is unavailable is removed once it is back, without a report', async () => {
    const guest = await guests.enter(LOBBY, HERE)
    failing = away()
    guest.leave()
    await settled()
    await guests.tend()
    expect(register.there()).toEqual([guest.user.id])
    failing = null
    await guests.tend()
    expect([moves.at(-1), register.there(), faults]).toEqual([`-${guest.user.id}`, [], []])
  })

  test('whose leaving fails is reported, and removed later', async () => {
    const guest = await guests.enter(LOBBY, HERE)
    failing = new Error('broken')
    guest.leave()
    await settled()
    expect(faults).toEqual([failing])
    failing = null
    await guests.tend()
    expect(register.there()).toEqual([])
  })

  test('leaves when the node stops, and the node waits for it', async () => {
    for (let i = 0; i < 3; i++) await guests.enter(LOBBY, HERE)
    await guests.close()
    expect([register.there(), moves.filter((move) => move.startsWith('-'))]).toEqual([[], ['-1', '-2', '-3']])
  })
})

describe('a guest of a node that has died', () => {
  test('is removed by another node, after four checks without a sign of life', async () => {
    const others = [node(), node()]
    const { user: lost } = await guests.enter(LOBBY, HERE)
    const kept = await others[0]?.enter(LOBBY, HERE)
    for (let turn = 0; turn < 3; turn++) for (const other of others) await other.tend()
    expect(register.there()).toHaveLength(2)
    for (const other of others) await other.tend()
    expect(register.there()).toEqual([kept?.user.id ?? id(0)])
    expect(moves.filter((move) => move === `-${lost.id}`)).toHaveLength(1)
  })

  test('is not removed while the database is unavailable', async () => {
    const other = node()
    await guests.enter(LOBBY, HERE)
    await other.tend()
    register.away = true
    for (let turn = 0; turn < 10; turn++)
      await expect(other.tend()).rejects.toMatchObject({ kind: 'unavailable' })
    register.away = false
    // The time for which nobody could say anything does not count.
    await other.tend()
    await guests.tend()
    for (let turn = 0; turn < 3; turn++) await other.tend()
    expect(register.there()).toHaveLength(1)
  })

  test('is not touched by that node after a long pause, because the account may be reused by then', async () => {
    const other = node()
    const paused = await guests.enter(LOBBY, HERE)
    for (let turn = 0; turn < 4; turn++) await other.tend()
    register.reuse = true
    const next = await other.enter(LOBBY, HERE)
    expect(next.user.id).toBe(paused.user.id)
    moves.length = 0
    paused.leave()
    await settled()
    await guests.tend()
    expect([moves, register.there()]).toEqual([[], [next.user.id]])
  })
})

class MemoryGuests implements GuestRegister {
  readonly rooms = new Map<UserId, RoomId[]>()
  readonly #all = new Map<UserId, Kept>()
  away = false
  /** Whether accounts that are free are taken rather than new ones. */
  reuse = false

  there(): UserId[] {
    return [...this.#all].flatMap(([user, { isThere }]) => (isThere ? [user] : []))
  }

  async takeGuest(username: string): Promise<{ user: User; stay: Stay }> {
    const free = this.reuse ? [...this.#all.values()].find(({ isThere }) => !isThere) : undefined
    const made = free ?? { user: user(this.#all.size + 1, username), number: 0, beats: 0, isThere: true }
    made.isThere = true
    made.number++
    this.#all.set(made.user.id, made)
    return { user: made.user, stay: { user: made.user.id, number: made.number } }
  }

  async keepGuests(stays: readonly Stay[]): Promise<void> {
    this.#ask()
    for (const stay of stays) {
      const own = this.#own(stay)
      if (own !== undefined) own.beats++
    }
  }

  async guestStays(after: UserId | 0, limit: number): Promise<ListedStay[]> {
    this.#ask()
    return [...this.#all.values()]
      .filter(({ isThere, user: { id } }) => isThere && id > after)
      .map(({ user: { id, username }, number, beats }) => ({ user: id, username, number, beats }))
      .slice(0, limit)
  }

  async claimGuest(stay: Stay): Promise<{ stay: Stay; rooms: readonly RoomId[] } | null> {
    this.#ask()
    const own = this.#own(stay)
    if (own === undefined) return null
    own.number++
    return { stay: { user: stay.user, number: own.number }, rooms: this.rooms.get(stay.user) ?? [] }
  }

  async freeGuest(stay: Stay): Promise<void> {
    this.#ask()
    const own = this.#own(stay)
    if (own !== undefined) own.isThere = false
  }

  #own({ user, number }: Stay): Kept | undefined {
    const found = this.#all.get(user)
    return found?.isThere && found.number === number ? found : undefined
  }

  #ask(): void {
    if (this.away) throw away()
  }
}

interface Kept {
  readonly user: User
  number: number
  beats: number
  isThere: boolean
}
