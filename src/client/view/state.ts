import type { ParleyError } from '../errors.ts'
import type { Member, Room, Seq, UserRef } from '../wire.ts'
import type { Window } from './window.ts'

/** All that is known of a room, as plain immutable data: what the server told, and what this client has yet to send there. */
export interface ViewState {
  readonly roomId: number
  /** The user who is signed in; 0 before anybody is. */
  readonly me: number
  readonly phase: Phase
  /** Whether there is a connection; in `offline` and `stopped` none is being made. */
  readonly link: LinkPhase
  readonly ended: Ended | null
  /** As the last snapshot had it, with what events have changed; the marks and numbers beside it are the ones that count. */
  readonly room: Room | null
  /** Everything up to here has been applied; null before the first snapshot. */
  readonly position: Seq | null
  readonly window: Window
  /** The most messages that the window keeps while others are added; more where older ones were asked for. */
  readonly maxMessages: number
  readonly members: ReadonlyMap<number, Member> | null
  readonly memberCount: number
  readonly online: ReadonlySet<number> | null
  readonly onlineCount: number
  readonly typing: readonly Typing[]
  readonly readSeq: Seq
  readonly deliveredSeq: Seq
  /** The server's latest counts of unread messages that the position has reached, and the one that it has not. */
  readonly figure: Figure | null
  readonly ahead: Figure | null
  readonly pending: readonly Pending[]
}

/**
 * `behind` is to be subscribed, from the position on if there is one; `subscribing` waits for the answer to that;
 * `catching_up` for what was missed.
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

/** A message of one's own that no event has shown yet. */
export interface Pending {
  readonly clientId: string
  readonly body: string
  readonly kind: string
  readonly replyTo: Seq | null
  readonly queuedAt: number
  readonly status: SendStatus
  /** Once it is sent. */
  readonly seq: Seq | null
  /** Once it has failed, or while it is tried again: why. */
  readonly error: ParleyError | null
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
    window: { from: 0, messages: [], below: [], belowSince: 0 },
    maxMessages,
    members: null,
    memberCount: 0,
    online: null,
    onlineCount: 0,
    typing: [],
    readSeq: 0,
    deliveredSeq: 0,
    figure: null,
    ahead: null,
    pending: [],
  }
}

export type LinkPhase = 'offline' | 'connecting' | 'ready' | 'stopped'

/** Whether the application wants to hear the room. */
export function isOpen({ phase }: ViewState): boolean {
  return phase !== 'closed' && phase !== 'ended'
}

/** How many messages of others, not deleted, came after `readSeq`, once everything up to `head` had happened. */
export interface Figure {
  readonly unread: number
  readonly head: Seq
  readonly readSeq: Seq
  /** There may have been more: the server counts no further than `UNREAD_LIMIT`. */
  readonly atLeast: boolean
}
