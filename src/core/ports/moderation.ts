import type { MemberEvent, RestraintChange, RestraintEvent, RulesEvent } from '../events/index.ts'
import type {
  AccessFacts,
  AuditEntry,
  BlockedUser,
  Posting,
  Report,
  ReportOutcome,
  Restrained,
  RoomId,
  Seq,
  UserId,
  UserRef,
} from '../model.ts'
import type { PageWanted } from './rooms.ts'

export interface RestraintStep {
  readonly change: RestraintChange
  readonly actor: UserRef
  readonly actorAccess: AccessFacts
  readonly user: UserRef
  readonly userAccess: AccessFacts
  readonly reason: string
  /** null for no end. */
  readonly until: Date | null
}

export interface RestraintWritten {
  readonly event: RestraintEvent
  /** Of a ban: the end of the membership or of the invitation, at the number before, with the user's own number for it. */
  readonly ended: { readonly event: MemberEvent; readonly number: Seq } | null
}

/** Changes of a room's rules; what is left out stays. */
export interface RulesWanted {
  readonly posting?: Exclude<Posting, 'nobody'> | undefined
  /** Seconds. */
  readonly slowMode?: number | undefined
}

/** Which list of restrained users. */
export type RestraintKind = 'bans' | 'mutes'

/** What the staff of rooms does. Each write is under the room's lock, so it counts for everything that takes a later number. */
export interface ModerationRegister {
  /**
   * Bans, unbans, mutes or unmutes a user, with one event, and for a ban that ends a membership or an invitation with one more before it.
   * A ban or mute replaces the one that is there.
   * @returns null if there is nothing to lift
   * @throws WriteConflict
   */
  restrain(step: RestraintStep): Promise<RestraintWritten | null>
  /** Returns who is banned or muted now, by the users' ids. */
  restrained(kind: RestraintKind, room: RoomId, page: PageWanted): Promise<Restrained[]>
  /** @throws WriteConflict */
  setRules(access: AccessFacts, actor: UserRef, wanted: RulesWanted): Promise<RulesEvent>

  /** Reports a message; a further report by the same user is the first one. @returns its id; null if there is no such message */
  report(room: RoomId, message: Seq, reporter: UserId, reason: string): Promise<number | null>
  /** Returns reports by their ids, open ones or all. */
  reports(room: RoomId, open: boolean, page: PageWanted): Promise<Report[]>
  /** Closes a report, or changes how it was closed. @returns null if there is no such report */
  resolve(room: RoomId, id: number, by: UserRef, outcome: ReportOutcome): Promise<Report | null>

  /** Returns what the staff has done, the latest first. @param page `after`: entries before this id; 0 for the latest */
  audit(room: RoomId, page: PageWanted): Promise<AuditEntry[]>
}

export interface BlockWritten {
  /** Whether it was otherwise before. */
  readonly changed: boolean
  /** Tells who may post in the two users' direct chat, if that has changed. */
  readonly event: RulesEvent | null
}

/** Whom users block. While one of two users blocks the other, nobody may post in their direct chat, and neither opens one. */
export interface BlockRegister {
  /** Blocks a user for another one, or ends that. @throws ChatError `conflict` if the user blocks `most` others already */
  block(user: UserRef, other: UserId, on: boolean, most: number): Promise<BlockWritten>
  /** Returns whom the user blocks, by id. */
  blocked(user: UserId, page: PageWanted): Promise<BlockedUser[]>
  /** Returns whether a user blocks another one. */
  blocks(user: UserId, other: UserId): Promise<boolean>
}
