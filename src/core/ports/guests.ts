import type { RoomId, User, UserId } from '../model.ts'

/** One use of a guest's account. An account has many stays, one after the other, each with a number of its own. */
export interface Stay {
  readonly user: UserId
  /** Ascends with each stay of the account, and each time that a node claims a stay to end it. */
  readonly number: number
}

/** A stay as other nodes see it. */
export interface ListedStay extends Stay {
  readonly username: string
  /** How often the guest's node has reported the guest. */
  readonly beats: number
}

/** The accounts of guests: which are in use, and which can be used again because their guests said nothing. */
export interface GuestRegister {
  /**
   * Begins a stay, with an account that has been free for a minute or with a new one of that name. Simultaneous calls get different
   * accounts.
   */
  takeGuest(username: string): Promise<{ readonly user: User; readonly stay: Stay }>
  /** Reports that guests are still present; does nothing for a stay that has ended. */
  keepGuests(stays: readonly Stay[]): Promise<void>
  /** Returns stays that have not ended, by user, after a user. */
  guestStays(after: UserId | 0, limit: number): Promise<ListedStay[]>
  /**
   * Claims a stay, which the caller then ends. Of simultaneous calls one succeeds.
   * @returns the stay with its next number, and the rooms that the guest is a member of; null if it is claimed or has ended
   */
  claimGuest(stay: Stay): Promise<{ readonly stay: Stay; readonly rooms: readonly RoomId[] } | null>
  /** Ends a stay. The account is never used again if the guest has said anything. */
  freeGuest(stay: Stay): Promise<void>
}
