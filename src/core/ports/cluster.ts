import type { MembershipChangeType } from '../events/index.ts'
import type { MentionOfMany } from '../message-details.ts'
import type { MessageDetails, Role, RoomId, Seq, UserId, UserRef } from '../model.ts'

export type LimitScope =
  | 'request_address'
  /** Sign-ins from an address that has no request left. */
  | 'sign_in_address'
  /** Guesses at one account's password from unknown clients. */
  | 'login_account'
  /** The same guesses, from one address at any accounts. */
  | 'login_address'
  /** Guesses at one account's password from one of its known clients. */
  | 'login_known'
  /** Guesses at the current password by a signed-in user. */
  | 'password_change'
  | 'register_address'
  | 'guest_address'
  | 'search_user'

/**
 * Counts what a key does in a scope, over all nodes; the limits of the scopes are given at construction. If the other nodes cannot be
 * asked, each node counts by itself.
 */
export interface Limiter {
  /** Takes one, if one is left. */
  take(scope: LimitScope, key: string): Promise<Taken>
  /** Gives one back, because what was taken turned out harmless. */
  giveBack(scope: LimitScope, key: string): Promise<void>
}

export interface Taken {
  /** 0 if one was taken; otherwise the milliseconds until the next may be taken. */
  readonly waitMs: number
  /** How many a key may take in a window of time, and how many of these are left. */
  readonly limit: number
  readonly left: number
  /** Milliseconds until the window ends and all may be taken again. */
  readonly resetMs: number
}

/** The budget of messages of each user, over all nodes. Synchronous, since it is asked for each message, so it may lag behind the other nodes by a tenth of the burst. */
export interface SendBudget {
  /** Takes one. @returns 0; or, if none was left and none was taken, the milliseconds until the next may be taken */
  take(user: UserId): number
  /** Returns how many the user may take at once now: an integer from 0 to the burst. */
  left(user: UserId): number
}

export type ConnectionScope = 'address' | 'user'

/**
 * Counts the sockets that an address or a user has open over all nodes; the limits are given at construction. Synchronous, since it is
 * asked at each handshake, so it may lag behind the other nodes by a moment. Each node also keeps up to a hundredth of a limit to itself.
 * If several nodes together let in too many, `crowded` says how many to close.
 */
export interface ConnectionCounts {
  /** Tells how many are open on this node now. */
  tell(scope: ConnectionScope, key: string, count: number): void
  /** Returns how many are open on the other nodes, as far as is known; 0 if they cannot be asked. */
  elsewhere(scope: ConnectionScope, key: string): number
}

/** Called if more are open than allowed, with the number of this node's connections to close. Must not throw. */
export type Crowded = (scope: ConnectionScope, key: string, surplus: number) => void

/** Something of the moment: neither stored nor numbered, and lost if nobody listens. */
export type Signal =
  /** A user's first connection to a room has opened, or the last one has closed. */
  | {
      readonly type: 'arrived' | 'departed'
      readonly roomId: RoomId
      readonly user: UserRef
      readonly at: Date
    }
  | { readonly type: 'room_deleted'; readonly roomId: RoomId }
  /** A session of a user was ended before it expired. Nodes of the former version know those of tokens, by this name. */
  | {
      readonly type: 'token_revoked'
      readonly userId: UserId
      /** The session's id; of a token its hash in hex. */
      readonly hash: string
      /** The name of the session's identity provider; absent for Parley's own tokens. */
      readonly provider?: string
    }
  /** A member's marks have moved. */
  | {
      readonly type: 'marks'
      readonly roomId: RoomId
      readonly user: UserRef
      readonly readSeq: Seq
      readonly deliveredSeq: Seq
      /** Whether only the user's own connections are told, because the room has more members than are listed. */
      readonly quiet: boolean
    }
  /** A user's membership has changed. Told to all connections of the user, whichever rooms they have joined. */
  | {
      readonly type: 'membership'
      readonly roomId: RoomId
      readonly user: UserRef
      readonly change: MembershipChangeType
      readonly role: Role | null
      readonly actor: UserRef
      /** The user's own number for the change (`MembershipLog`). A node of the former version does not tell it. */
      readonly seq?: Seq
    }
  /**
   * Something that a user keeps for themselves has changed. The user's connections read it from the database: nothing of it passes
   * between nodes. Nodes of the former version pass over it.
   */
  | {
      readonly type: 'private'
      readonly userId: UserId
      /** The user's own number of the change (`PrivateLog`); absent if it is not known. */
      readonly seq?: Seq
    }
  /** A user follows a thread or does not any more, or has read more of it. Told to the user's own connections alone. */
  | {
      readonly type: 'thread_state'
      readonly roomId: RoomId
      readonly user: UserRef
      readonly root: Seq
      readonly following: boolean
      readonly readSeq: Seq
      readonly version: number
    }
  /** A message mentions these users, who want to be notified of it. Told to their connections that do not hear the room. */
  | {
      readonly type: 'notify'
      readonly roomId: RoomId
      readonly seq: Seq
      readonly sender: UserRef
      readonly reason: 'mention' | MentionOfMany
      readonly users: readonly UserId[]
    }
  /** Something is said to one member of a room. Told to all connections of the member. */
  | {
      readonly type: 'ephemeral'
      readonly roomId: RoomId
      readonly to: UserId
      readonly sender: UserRef
      readonly kind: string
      readonly body: string
      readonly details: MessageDetails | null
      readonly at: Date
    }
  /** A user has come online or gone offline, which is told in these of the user's rooms. */
  | {
      readonly type: 'presence'
      readonly user: UserRef
      readonly online: boolean
      readonly lastSeen: Date | null
      readonly rooms: readonly RoomId[]
    }
  | {
      readonly type: 'typing'
      readonly roomId: RoomId
      readonly user: UserRef
      readonly typing: boolean
    }

/**
 * Carries signals, best effort and at most once. Those of one node, kind and room arrive in the order published. Signals for a room's
 * listeners reach the nodes that listen to the room, all others every node; all reach this node. Never throws.
 */
export interface Signals {
  publish(signal: Signal): void
}

/** Which users are connected to which rooms, over all nodes. */
export interface RoomPresence {
  /** Adds a connection of the user to the room. @returns whether it is the first one */
  enter(room: RoomId, user: UserId): Promise<boolean>
  /** Removes one. @returns whether it was the last one */
  leave(room: RoomId, user: UserId): Promise<boolean>
  /** Returns how many users are connected to the room; if the other nodes cannot be asked, those of this node. */
  count(room: RoomId): Promise<number>
}

/** Which users are online, over all nodes. Calls are idempotent: a repeated one changes nothing and returns the same. */
export interface UserPresence {
  /** The user is online on this node. @returns whether they are on no other node */
  arrive(user: UserId): Promise<boolean>
  /** The user is no longer online on this node. @returns whether they are on no node */
  depart(user: UserId): Promise<boolean>
  /** Returns those of the users who are online; if the other nodes cannot be asked, those on this node. */
  online(users: readonly UserId[]): Promise<ReadonlySet<UserId>>
}
