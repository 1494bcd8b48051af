import { ChatError } from '../errors.ts'
import type { Room, RoomId, User, UserId, UserRef } from '../model.ts'
import type { GuestRegister, Limiter, ListedStay, Secrets, Stay } from '../ports.ts'
import type { Source } from './source.ts'

/** After so many looks without a sign from a guest of another node, the node counts as dead. Nodes give a sign at each look. */
const LOOKS = 3
/** Stays per statement. */
const PAGE = 1000

export interface GuestsDeps {
  readonly register: GuestRegister
  readonly membership: {
    join(room: { readonly name: string }, guest: UserRef): Promise<{ readonly room: Room }>
    leave(room: { readonly id: RoomId }, guest: UserRef): Promise<void>
  }
  readonly limiter: Limiter
  readonly secrets: Pick<Secrets, 'token'>
  /** Called for faults of the server; not for temporary failures, which are retried. */
  readonly onFault: (error: unknown) => void
}

/** A guest in a room. */
export interface Guest {
  readonly user: User
  readonly room: Room
  /** Ends the stay, because the guest's connection has closed. Never throws. */
  leave(): void
}

export type Guests = ReturnType<typeof createGuests>

/**
 * Guests have made-up names and no accounts of their own. They are members of one room as long as their connection lasts. Each costs the
 * room two numbers, so the guests of an address are limited; their accounts are used again. If a node dies, another one takes its guests
 * out of their rooms. No clock is involved, since each node counts the looks at which a guest gave no sign.
 */
export function createGuests({ register, membership, limiter, secrets, onFault }: GuestsDeps) {
  const here = new Map<UserId, OwnStay>()
  /** Guests who have not been taken out of their rooms yet. */
  const leaving = new Map<UserId, OwnStay>()
  /** The last sign of each guest of other nodes, and the number of looks since. */
  let seen = new Map<UserId, { readonly sign: string; readonly looks: number }>()
  let pending: Promise<void> = Promise.resolve()

  /** Takes a guest out of their rooms, unless another node does. */
  async function takeOut(user: UserRef, stay: Stay): Promise<void> {
    const claimed = await register.claimGuest(stay)
    if (claimed === null) {
      leaving.delete(user.id)
      return
    }
    leaving.set(user.id, { user, stay: claimed.stay })
    for (const id of claimed.rooms) {
      await membership.leave({ id }, user).catch((error: unknown) => {
        // The guest was removed meanwhile, or the room deleted.
        if (!(error instanceof ChatError) || error.retryable) throw error
      })
    }
    await register.freeGuest(claimed.stay)
    leaving.delete(user.id)
  }

  /** Does the same, but never rejects: `tend` retries what fails. */
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

  /** Gives a sign for the guests of this node. */
  async function keep(): Promise<void> {
    const stays = Array.from(here.values(), ({ stay }) => stay)
    for (let from = 0; from < stays.length; from += PAGE)
      await register.keepGuests(stays.slice(from, from + PAGE))
  }

  /** Takes out the guests that have given no sign for so many looks. */
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

    /** Call it about once a minute, on every node. @throws ChatError `unavailable` */
    async tend(): Promise<void> {
      for (const { user, stay } of [...leaving.values()]) await tryToTakeOut(user, stay)
      await keep()
      await look()
    },

    /** The node stops: takes its guests out of their rooms. Never rejects; another node takes out those that remain. */
    async close(): Promise<void> {
      for (const { user } of [...here.values()]) depart(user)
      await pending
    },
  }
}

/** The stay of a guest of this node. */
interface OwnStay {
  readonly user: UserRef
  readonly stay: Stay
}
