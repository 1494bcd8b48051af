import type { MemberChange } from '../events/index.ts'
import type { Role, RoomId, Seq, UserId, UserRef } from '../model.ts'

export type LimitScope =
  | 'request_address'
  /** Guesses at an account's password, from where it was never signed in to. */
  | 'login_account'
  /** The same, from one address at whatever accounts. */
  | 'login_address'
  /** Guesses at an account's password from one client that it was signed in to from. */
  | 'login_known'
  /** Guesses at the current password by who is signed in. */
  | 'password_change'
  | 'register_address'
  | 'guest_address'

/**
 * Counts what a key does in a scope, over all nodes; the scopes' limits are given at construction. Where the other nodes
 * cannot be asked, each counts by itself.
 */
export interface Limiter {
  /** Takes one, where there is one left. */
  take(scope: LimitScope, key: string): Promise<Taken>
  /** Gives one back: what was taken turned out harmless. */
  giveBack(scope: LimitScope, key: string): Promise<void>
}

export interface Taken {
  /** 0, or the milliseconds until the next may be taken, when nothing was taken. */
  readonly waitMs: number
  /** How many a key may take in a window of time, and how many of them are left now. */
  readonly limit: number
  readonly left: number
  /** Milliseconds until the window is over, and all may be taken again. */
  readonly resetMs: number
}

/** The budget of messages of each user. Synchronous, since it is asked for each message: it may run behind the other nodes by a tenth. */
export interface SendBudget {
  /** Takes one. @returns 0, or the milliseconds until the next may be taken */
  take(user: UserId): number
  /** How many the user may take now, at once: an integer from 0 to the burst. */
  left(user: UserId): number
}

export type ConnectionScope = 'address' | 'user'

/**
 * How many sockets an address, or a user, has open over all nodes; the limits are given at construction. Synchronous, since it
 * is asked at each handshake: it may run behind the other nodes by a moment, and each of them keeps a hundredth of the limit
 * to itself. So several nodes may let in too many at once: `crowded` then says how many are to go.
 */
export interface ConnectionCounts {
  /** So many are open on this node now. */
  tell(scope: ConnectionScope, key: string, count: number): void
  /** How many are open on the other nodes, as far as is known; 0 where they cannot be asked. */
  elsewhere(scope: ConnectionScope, key: string): number
}

/** More are open than may be: so many of this node's are to be closed. Must not throw. */
export type Crowded = (scope: ConnectionScope, key: string, surplus: number) => void

/** Something of the moment: neither stored nor numbered, lost where nobody listens. */
export type Signal =
  /** A user's first connection to a room, or last one gone. */
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
      /** The room has more members than are listed: only the user's own connections are told. */
      readonly quiet: boolean
    }
  /** A user's membership has changed: to their connections, whether they hear the room or not. */
  | {
      readonly type: 'membership'
      readonly roomId: RoomId
      readonly user: UserRef
      readonly change: MemberChange
      readonly role: Role | null
      readonly actor: UserRef
    }
  /** A user came online or went, to be told in these of their rooms. */
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
 * Carries signals, best effort and at most once; from one node in the order published, among those of one kind and room.
 * What concerns a room's listeners alone reaches the nodes that listen to the room, the rest every node, and all of it this
 * one. Never throws.
 */
export interface Signals {
  publish(signal: Signal): void
}

/** Who is connected to which room, over all nodes. */
export interface RoomPresence {
  /** @returns whether it is the user's first connection to the room */
  enter(room: RoomId, user: UserId): Promise<boolean>
  /** @returns whether it was the last one */
  leave(room: RoomId, user: UserId): Promise<boolean>
  /** How many users are connected to the room; where the other nodes cannot be asked, from this one. */
  count(room: RoomId): Promise<number>
}

/** Who is online, over all nodes. Saying again what was said last changes nothing, and answers the same. */
export interface UserPresence {
  /** The user is online on this node. @returns whether on no other one */
  arrive(user: UserId): Promise<boolean>
  /** The user is not online on this node any more. @returns whether on none */
  depart(user: UserId): Promise<boolean>
  /** Those of the users who are online; where the other nodes cannot be asked, on this one. */
  online(users: readonly UserId[]): Promise<ReadonlySet<UserId>>
}
