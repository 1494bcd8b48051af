/*
 * What the core needs from outside. Each comment is a contract, which the suites in test/ports check for every implementation. Unless
 * said otherwise, a call throws ChatError `unavailable` if its server is away.
 */

import type { KnownClientRegister, TokenRegister, UserRegister } from './ports/accounts.ts'
import type { AttachmentRegister } from './ports/attachments.ts'
import type { EpochLedger } from './ports/epochs.ts'
import type { GuestRegister } from './ports/guests.ts'
import type { MembershipLog } from './ports/memberships.ts'
import type { MentionFinder } from './ports/mentions.ts'
import type { MessageLog } from './ports/messages.ts'
import type { BlockRegister, ModerationRegister } from './ports/moderation.ts'
import type { NameKeeper } from './ports/names.ts'
import type { PinLog } from './ports/pins.ts'
import type { Drafts, NotificationRegister, PrivateLog, SavedMessages } from './ports/private.ts'
import type { ReactionLog } from './ports/reactions.ts'
import type { RevisionLog } from './ports/revisions.ts'
import type { RoomReader, RoomRegister } from './ports/rooms.ts'
import type { SearchIndex } from './ports/search.ts'
import type { SmallRooms } from './ports/small-rooms.ts'
import type { ThreadLog } from './ports/threads.ts'

export type * from './ports/accounts.ts'
export type * from './ports/attachments.ts'
export type * from './ports/clock.ts'
export type * from './ports/cluster.ts'
export type * from './ports/epochs.ts'
export type * from './ports/fan-out.ts'
export type * from './ports/guests.ts'
export type * from './ports/memberships.ts'
export type * from './ports/mentions.ts'
export type * from './ports/messages.ts'
export type * from './ports/moderation.ts'
export type * from './ports/names.ts'
export type * from './ports/pins.ts'
export type * from './ports/private.ts'
export type * from './ports/reactions.ts'
export type * from './ports/revisions.ts'
export type * from './ports/rooms.ts'
export type * from './ports/search.ts'
export type * from './ports/small-rooms.ts'
export type * from './ports/threads.ts'

/**
 * Removes data that nobody can see any more: expired tokens, clients that were not seen for long, messages of deleted rooms, reactions to
 * deleted messages, former texts of edited ones, private entries that were removed long ago. Also gathers replies from before there were
 * threads into threads.
 */
export interface Housekeeping {
  /** Does a bounded piece of work. @returns whether more is left */
  sweep(): Promise<boolean>
}

export interface Store
  extends MessageLog,
    ReactionLog,
    PinLog,
    RevisionLog,
    SearchIndex,
    AttachmentRegister,
    ThreadLog,
    RoomRegister,
    RoomReader,
    MembershipLog,
    PrivateLog,
    Drafts,
    NotificationRegister,
    MentionFinder,
    SavedMessages,
    ModerationRegister,
    BlockRegister,
    SmallRooms,
    UserRegister,
    TokenRegister,
    EpochLedger,
    KnownClientRegister,
    GuestRegister,
    NameKeeper,
    Housekeeping {
  /** Resolves if the database answers, takes writes and has the tables. */
  ping(): Promise<void>
}
