// The types of the wire, imported from the server's schemas. Types only, so that no code of the server gets into a bundle.
import type * as Wire from '../api/v2/wire/index.ts'

/** A number in a room's order; see the schema of the wire. */
export type Seq = number

export type ClientFrame = Wire.ClientFrame
export type ServerFrame = Wire.ServerFrame
export type ResultData = Wire.ResultFrame['data']
export type HelloFrame = Wire.HelloFrame
export type ChangesFrame = Wire.ChangesFrame
export type StateFrame = Wire.StateFrame
export type MembershipFrame = Wire.MembershipFrame
export type MembershipChange = Wire.MembershipChange
export type Memberships = Wire.Memberships
export type MembershipPage = Wire.MembershipPage
export type ErrorFrame = Wire.ErrorFrame
export type ProblemDetails = Wire.ProblemDetails
export type ErrorCode = Wire.ErrorCode
export type Identified = Wire.Identified
export type Subscribed = Wire.Subscribed
export type Sent = Wire.Sent
export type Revised = Wire.Revised
export type Marked = Wire.Marked
export type PrivateFrame = Wire.PrivateFrame
export type PrivateEntry = Wire.PrivateEntry
export type MarkEntry = Wire.MarkEntry
export type PrivateState = Wire.PrivateState
export type PrivatePage = Wire.PrivatePage
export type Draft = Wire.Draft
export type Drafted = Wire.Drafted
export type DraftPut = Wire.DraftPut
export type DraftPage = Wire.DraftPage
export type Saved = Wire.Saved
export type SavedPage = Wire.SavedPage
export type SavedMessage = Wire.SavedMessage
export type RoomEvent = Wire.RoomEvent
export type MessageEvent = Wire.MessageEvent
export type MemberEvent = Wire.MemberEvent
export type ReactionEvent = Wire.ReactionEvent
export type RestraintEvent = Wire.RestraintEvent
export type RulesEvent = Wire.RulesEvent
export type Restrained = Wire.Restrained
export type RestraintPut = Wire.RestraintPut
export type Report = Wire.Report
export type ReportOutcome = Wire.ReportPut['outcome']
export type Reported = Wire.Reported
export type AuditEntry = Wire.AuditEntry
export type BlockedUser = Wire.BlockedUser
export type Reaction = Wire.Reaction
export type Reacted = Wire.Reacted
export type Pin = Wire.Pin
export type PinEvent = Wire.PinEvent
export type Pinned = Wire.Pinned
export type PinnedPage = Wire.PinnedPage
export type Told = Wire.Told
export type NewEphemeral = Wire.NewEphemeral
export type NotifyFrame = Wire.NotifyFrame
export type EphemeralFrame = Wire.EphemeralFrame
export type ReactionPage = Wire.ReactionPage
export type RevisionPage = Wire.RevisionPage
export type Message = Wire.Message
export type Attachment = Wire.Attachment
export type LinkedAttachment = Wire.LinkedAttachment
export type LinkedAttachments = Wire.LinkedAttachments
export type UploadPlace = Wire.UploadPlace
export type Metadata = Wire.Metadata
export type Thread = Wire.Thread
export type OwnThread = Wire.OwnThread
export type ThreadPage = Wire.ThreadPage
export type ThreadFrame = Wire.ThreadFrame
export type FollowedThread = Wire.FollowedThread
export type Member = Wire.Member
export type Marks = Wire.Marks
export type Room = Wire.Room
export type RoomKind = Wire.RoomKind
export type Role = Wire.Role
export type Snapshot = Wire.Snapshot
export type User = Wire.User
export type UserRef = Wire.UserRef

export type Credentials = Wire.Credentials
export type SignedIn = Wire.SignedIn
export type IssuedToken = Wire.Token
export type ListedToken = Wire.ListedToken
export type Ticket = Wire.Ticket
export type ProfilePatch = Wire.ProfilePatch
export type PasswordChange = Wire.PasswordChange
export type NewRoom = Wire.NewRoom
export type RoomPatch = Wire.RoomPatch
export type NewMessage = Wire.NewMessage
export type NewMentions = Wire.NewMentions
export type Mentions = Wire.Mentions
export type MessagePage = Wire.MessagePage
export type ChangesPage = Wire.ChangesPage
export type MentionPage = Wire.MentionPage
export type Notifications = Wire.Notifications
export type NotificationsPut = Wire.NotificationsPut
export type MarksPut = Wire.MarksPut
export type Presence = Wire.Presence
export type Invitation = Wire.Invitation
export type FoundRooms = Wire.FoundRooms
export type FoundMessage = Wire.FoundMessage
export type FoundMessages = Wire.FoundMessages
export type RecentRoom = Wire.RecentRoom
export type UnreadRoom = Wire.UnreadRoom

/** Frames that concern one room. */
export type RoomFrame = Extract<ServerFrame, { room: number }>

export function isIdentified(data: ResultData): data is Identified {
  return 'expires_in_ms' in data
}

export function isSubscribed(data: ResultData): data is Subscribed {
  return 'mode' in data
}

export function isSent(data: ResultData): data is Sent {
  return 'client_id' in data
}

export function isRevised(data: ResultData): data is Revised {
  return 'version' in data && !isOwnThread(data)
}

export function isMemberships(data: ResultData): data is Memberships {
  return 'memberships' in data
}

export function isPrivateState(data: ResultData): data is PrivateState {
  return 'entries' in data
}

export function isSaved(data: ResultData): data is Saved {
  return 'saved' in data
}

export function isDrafted(data: ResultData): data is Drafted {
  return 'written' in data
}

export function isReacted(data: ResultData): data is Reacted {
  return 'reaction' in data
}

export function isPinned(data: ResultData): data is Pinned {
  return 'shown_at' in data && !isReacted(data)
}

export function isTold(data: ResultData): data is Told {
  return 'online' in data
}

export function isMarked(data: ResultData): data is Marked {
  return 'delivered_seq' in data
}

export function isOwnThread(data: ResultData): data is OwnThread {
  return 'following' in data
}
