import type { RoomId, User, UserId } from '../model.ts'

/** A guest's account in use. An account has many stays, one after the other, and each has a number of its own. */
export interface Stay {
  readonly user: UserId
  /** Ascends with each stay, and each time that somebody takes it upon them to end it. */
  readonly number: number
}

/** A stay as every node sees it. */
export interface ListedStay extends Stay {
  readonly username: string
  /** How often the guest's node has said that they are there. */
  readonly beats: number
}

/** The accounts of guests: which are in use, and which may be used again, since nothing was ever said by them. */
export interface GuestRegister {
  /**
   * Begins a stay: with an account that has been free for a minute, or else with a new one of that name. Of simultaneous calls
   * each gets another.
   */
  takeGuest(username: string): Promise<{ readonly user: User; readonly stay: Stay }>
  /** The guests are still there; does nothing for a stay that is over. */
  keepGuests(stays: readonly Stay[]): Promise<void>
  /** Stays that are not over, by user, after one of them. */
  guestStays(after: UserId | 0, limit: number): Promise<ListedStay[]>
  /**
   * Takes it upon the caller to end a stay. Of simultaneous calls one succeeds.
   * @returns the stay's next number, and the rooms that the guest is a member of; null if another has, or it is over
   */
  claimGuest(stay: Stay): Promise<{ readonly stay: Stay; readonly rooms: readonly RoomId[] } | null>
  /** Ends a stay. If the guest has said anything, the account is theirs for ever. */
  freeGuest(stay: Stay): Promise<void>
}
