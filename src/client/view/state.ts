import type { ParleyError } from '../errors.ts'
import type { Member, Metadata, NewMentions, Room, Seq, UserRef } from '../wire.ts'
import type { Window } from './window.ts'

/** The state of a view, as plain immutable data: what the server sent, and what this client has yet to send. */
export interface ViewState {
  readonly roomId: number
  /** The signed-in user; 0 if there is none yet. */
  readonly me: number
  readonly phase: Phase
  /** Whether there is a connection; in `offline` and `stopped` there is no attempt either. */
  readonly link: LinkPhase
  readonly ended: Ended | null
  /** The room of the last snapshot, updated by events. The separate marks and numbers below take precedence. */
  readonly room: Room | null
  /** Everything up to here has been applied; null before the first snapshot. */
  readonly position: Seq | null
  readonly window: Window
  /** The most messages that the window keeps when others are added; more if older ones were requested. */
  readonly maxMessages: number
  readonly members: ReadonlyMap<number, Member> | null
  readonly memberCount: number
  readonly online: ReadonlySet<number> | null
  /** Users who were reported online but are not members: not yet, or no longer. */
  readonly onlineElsewhere: ReadonlySet<number>
  readonly onlineCount: number
  readonly typing: readonly Typing[]
  readonly readSeq: Seq
  /** Whether the user has marked messages as unread: then `readSeq` is less than what others are shown. */
  readonly isMarkedUnread: boolean
  readonly deliveredSeq: Seq
  /** The server's latest counts of unread messages that the position has reached, and the one that it has not. */
  readonly figure: Figure | null
  readonly ahead: Figure | null
  readonly mentioned: Mentioned
  readonly pending: readonly Pending[]
  /** Reactions that the user has asked for and that no event has shown yet, in the order in which they were asked for. */
  readonly reacting: readonly Reacting[]
}

/**
 * `behind`: must subscribe, from the position if there is one; `subscribing`: waits for the response to that;
 * `catching_up`: waits for what was missed.
 */
export type Phase = 'closed' | 'behind' | 'subscribing' | 'catching_up' | 'live' | 'ended'

export interface Ended {
  /** `refused`: the room cannot be subscribed to, for the reason in `error`. */
  readonly reason: 'left' | 'removed' | 'room_deleted' | 'refused'
  readonly error: ParleyError | null
}

export interface Typing {
  readonly user: UserRef
  /** By this client's clock. */
  readonly until: number
}

/** A message of the user that no event has shown yet. */
export interface Pending {
  readonly clientId: string
  readonly body: string
  readonly kind: string
  readonly replyTo: Seq | null
  readonly metadata?: Metadata
  /** Ids of the user's uploads to the room. */
  readonly attachments?: readonly number[]
  /** Whom it mentions, in place of what the text says. */
  readonly mentions?: NewMentions
  /** false for a reply that is to be shown in its thread alone. */
  readonly inRoom?: boolean
  readonly queuedAt: number
  readonly status: SendStatus
  /** Set once it is sent. */
  readonly seq: Seq | null
  /** Why it has failed, or why it is being retried. */
  readonly error: ParleyError | null
}

/** A reaction that the user has added or removed. */
export interface Reacting {
  /** Tells requests apart. */
  readonly request: number
  readonly message: Seq
  readonly reaction: string
  readonly on: boolean
  readonly me: number
  /** The room's number from which on it is shown; null until the server has answered. */
  readonly shownAt: Seq | null
}

export type SendStatus = 'queued' | 'sending' | 'sent' | 'failed'

export function emptyView(roomId: number, me: number, maxMessages: number): ViewState {
  return {
    roomId,
    me,
    phase: 'closed',
    link: 'offline',
    ended: null,
    room: null,
    position: null,
    window: { from: 0, messages: [], below: [], belowEvents: [], belowThreads: [], belowSince: 0 },
    maxMessages,
    members: null,
    memberCount: 0,
    online: null,
    onlineElsewhere: new Set(),
    onlineCount: 0,
    typing: [],
    readSeq: 0,
    isMarkedUnread: false,
    deliveredSeq: 0,
    figure: null,
    ahead: null,
    mentioned: { count: 0, head: 0 },
    pending: [],
    reacting: [],
  }
}

export type LinkPhase = 'offline' | 'connecting' | 'ready' | 'stopped'

/** Whether the application has opened the room. */
export function isOpen({ phase }: ViewState): boolean {
  return phase !== 'closed' && phase !== 'ended'
}

/** How many messages of others, not deleted, came after `readSeq`, once everything up to `head` had happened. */
export interface Figure {
  readonly unread: number
  readonly head: Seq
  readonly readSeq: Seq
  /** There may be more: the server counts up to `UNREAD_LIMIT`. */
  readonly atLeast: boolean
}

/** How many unread messages mention the user, as of a number of the room. */
export interface Mentioned {
  readonly count: number
  readonly head: Seq
}
