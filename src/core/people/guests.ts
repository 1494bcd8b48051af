import { ChatError } from '../errors.ts'
import type { Room, RoomId, User, UserId, UserRef } from '../model.ts'
import type { GuestRegister, Limiter, ListedStay, Secrets, Stay } from '../ports.ts'
import type { Source } from './source.ts'

/** Looks in a row at which a guest of another node gave no sign, until the node counts as gone. Nodes give one at each look. */
const LOOKS = 3
/** Stays in one statement. */
const PAGE = 1000

export interface GuestsDeps {
  readonly register: GuestRegister
  readonly membership: {
    join(room: { readonly name: string }, guest: UserRef): Promise<{ readonly room: Room }>
    leave(room: { readonly id: RoomId }, guest: UserRef): Promise<void>
  }
  readonly limiter: Limiter
  readonly secrets: Pick<Secrets, 'token'>
  /** A fault of the server: not told of what passes, which is tried again. */
  readonly onFault: (error: unknown) => void
}

/** A guest in a room. */
export interface Guest {
  readonly user: User
  readonly room: Room
  /** Their connection has closed. Never throws. */
  leave(): void
}

export type Guests = ReturnType<typeof createGuests>

/**
 * Guests: people with made-up names and no account of their own, members of one room for as long as their connection lasts. Each
 * of them costs two numbers of the room, so an address may bring so many a minute; accounts are used again. A guest whose node has
 * died is taken out by another: no clock is asked, since each node counts the looks at which a guest gave no sign.
 */
export function createGuests({ register, membership, limiter, secrets, onFault }: GuestsDeps) {
  const here = new Map<UserId, OwnStay>()
  /** Those who are yet to be taken out of their rooms. */
  const leaving = new Map<UserId, OwnStay>()
  /** Of guests of other nodes: what they were last seen with, and at how many looks since. */
  let seen = new Map<UserId, { readonly sign: string; readonly looks: number }>()
  let pending: Promise<void> = Promise.resolve()

  /** Takes a guest out of their rooms, unless somebody else does. */
  async function takeOut(user: UserRef, stay: Stay): Promise<void> {
    const claimed = await register.claimGuest(stay)
    if (claimed === null) {
      leaving.delete(user.id)
      return
    }
    leaving.set(user.id, { user, stay: claimed.stay })
    for (const id of claimed.rooms) {
      await membership.leave({ id }, user).catch((error: unknown) => {
        // Removed meanwhile, or the room is gone.
        if (!(error instanceof ChatError) || error.retryable) throw error
      })
    }
    await register.freeGuest(claimed.stay)
    leaving.delete(user.id)
  }

  /** Never rejects; what fails is tried again when guests are tended. */
  async function tryToTakeOut(user: UserRef, stay: Stay): Promise<void> {
    try {
      await takeOut(user, stay)
    } catch (error) {
      if (!(error instanceof ChatError && error.retryable)) onFault(error)
    }
  }

  function depart({ id }: UserRef): void {
    const own = here.get(id)
    if (own === undefined) return
    here.delete(id)
    leaving.set(id, own)
    const before = pending
    pending = tryToTakeOut(own.user, own.stay).then(() => before)
  }

  /** Gives a sign for those who are here. */
  async function keep(): Promise<void> {
    const stays = Array.from(here.values(), ({ stay }) => stay)
    for (let from = 0; from < stays.length; from += PAGE)
      await register.keepGuests(stays.slice(from, from + PAGE))
  }

  /** Takes out those who have given no sign for so many looks. */
  async function look(): Promise<void> {
    const next: typeof seen = new Map()
    for (let after: UserId | 0 = 0; ; ) {
      const page: ListedStay[] = await register.guestStays(after, PAGE)
      for (const each of page) {
        if (here.has(each.user) || leaving.has(each.user)) continue
        const sign = `${each.number} ${each.beats}`
        const before = seen.get(each.user)
        const looks = before?.sign === sign ? before.looks + 1 : 0
        if (looks < LOOKS) next.set(each.user, { sign, looks })
        else await tryToTakeOut({ id: each.user, username: each.username }, each)
      }
      const last = page.at(-1)
      if (last === undefined || page.length < PAGE) break
      after = last.user
    }
    seen = next
  }

  return {
    /**
     * Lets a guest into a public room.
     * @throws ChatError `rate_limited`, and as joining does
     */
    async enter(room: { readonly name: string }, source: Source): Promise<Guest> {
      const { waitMs } = await limiter.take('guest_address', source.address)
      if (waitMs > 0) {
        const message = 'Too many new guests from this address, try again later'
        throw new ChatError('rate_limited', message, { retryAfterMs: waitMs })
      }
      const { user, stay } = await register.takeGuest(`guest-${secrets.token().slice(0, 10)}`)
      here.set(user.id, { user, stay })
      try {
        const joined = await membership.join(room, user)
        return { user, room: joined.room, leave: () => depart(user) }
      } catch (error) {
        depart(user)
        throw error
      }
    },

    /** To be done about once a minute, by every node. @throws ChatError `unavailable` */
    async tend(): Promise<void> {
      for (const { user, stay } of [...leaving.values()]) await tryToTakeOut(user, stay)
      await keep()
      await look()
    },

    /** The node stops: whoever is still here goes. Never rejects; who cannot be taken out is by another node. */
    async close(): Promise<void> {
      for (const { user } of [...here.values()]) depart(user)
      await pending
    },
  }
}

/** Of a guest of this node. */
interface OwnStay {
  readonly user: UserRef
  readonly stay: Stay
}
