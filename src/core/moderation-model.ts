/* What moderation is made of; a part of `model.ts`. */
import type { Seq, UserRef } from './ids.ts'

/** Who may post in a room. `nobody`: in a direct chat, while one of the two users blocks the other. */
export type Posting = 'everyone' | 'staff' | 'nobody'

/** When something ends. */
export interface Ending {
  /** null if it does not end by itself. */
  readonly until: Date | null
}

/** A user who is banned from a room, or muted in it. */
export interface Restrained extends Ending {
  readonly user: UserRef
  readonly actor: UserRef
  readonly reason: string
  readonly at: Date
}

/** How the staff has closed a report. */
export type ReportOutcome = 'acted' | 'dismissed'

/** A message that a member has reported to the staff. */
export interface Report {
  /** Ascends with time, over all rooms. */
  readonly id: number
  /** The number of the message. */
  readonly message: Seq
  readonly reporter: UserRef
  readonly reason: string
  readonly at: Date
  /** null while it is open. */
  readonly resolved: { readonly by: UserRef; readonly outcome: ReportOutcome; readonly at: Date } | null
}

/** What the staff of a room does that its audit log has. */
export type AuditAction =
  | 'ban'
  | 'unban'
  | 'mute'
  | 'unmute'
  | 'remove'
  | 'role'
  | 'rules'
  | 'describe'
  | 'delete_message'
  | 'resolve_report'

/** An entry of a room's audit log. */
export interface AuditEntry {
  /** Ascends with time, over all rooms. */
  readonly id: number
  readonly actor: UserRef
  /** An action of a newer version may be none of `AuditAction`. */
  readonly action: string
  /** To whom it was done, if to anyone. */
  readonly user: UserRef | null
  /** The number of the message that it was done to, if to any. */
  readonly message: Seq | null
  readonly detail: AuditDetail
  readonly at: Date
}

/** What else an entry tells; what does not apply is missing. */
export interface AuditDetail {
  readonly reason?: string
  readonly until?: Date
  readonly role?: string
  readonly posting?: string
  readonly slowMode?: number
  readonly outcome?: string
}

/** A user whom another one blocks. */
export interface BlockedUser {
  readonly user: UserRef
  readonly at: Date
}
