/*
 * The chat itself: users, rooms, members, messages, one order per room, and who may do what.
 *
 * Imports nothing outside this folder: no framework, no database, no runtime. What it needs from outside it names in
 * `ports.ts`, where each comment is a contract that implementations are tested against.
 */
export { type Action, allows, requireAllowed } from './access.ts'
export {
  type FileLink,
  fileNameOf,
  type LinkedAttachment,
  MOST_URLS,
  type SealedLink,
  type UploadPlace,
} from './attachments/index.ts'
export { type Chat, type Core, type CoreFiles, createCore } from './core.ts'
export {
  changedDetails,
  detailNames,
  detailsOf,
  jsonObject,
  jsonText,
  knownAttachments,
  MOST_ATTACHMENTS,
  storedDetails,
  storedJson,
} from './details/index.ts'
export {
  ChatError,
  DamagedData,
  type ErrorKind,
  isCallersFault,
  isRetryable,
  notMember,
  type Restraint,
  restrained,
  WriteConflict,
} from './errors.ts'
export * from './events/index.ts'
export { asNow, Feed, FeedRoom, type FollowedRoom, type Recent } from './feed/index.ts'
export { Epochs } from './history/index.ts'
export type { MentionsGiven } from './mentions/index.ts'
export {
  type AnnouncedChange,
  announcedChanges,
  type CommittedEvents,
  Committer,
  type CommitterOptions,
  type NewMessage,
  type SendReply,
} from './messages/index.ts'
export * from './model.ts'
export { MOST_SLOW_SECONDS, type Until } from './moderation/index.ts'
export {
  type Accounts,
  type AccountsOptions,
  createAccounts,
  type ListedToken,
  type SignedIn,
  type Source,
} from './people/index.ts'
export { MOST_PINS } from './pins/index.ts'
export type * from './ports.ts'
export {
  type CappedSignals,
  cappedSignals,
  createPresence,
  type PacedSignals,
  type Presence,
  pacedSignals,
  type RoomOnline,
  type SignalKind,
} from './presence/index.ts'
export {
  type DraftEdit,
  type DraftText,
  type NotificationLevel,
  type NotificationSettings,
  type OwnEntries,
  type PerPrivateType,
  type PrivateEntry,
  type PrivateEntryOf,
  type PrivateType,
  type PrivateValues,
  perPrivateType,
} from './private/index.ts'
export { type Reacted, ReactionWriter, type ReactionWriterOptions } from './reactions/index.ts'
export {
  type MarksTo,
  MOST_OWN_ROOMS,
  type OwnChanges,
  type RoomRef,
  type RoomWanted,
} from './rooms/index.ts'

export {
  createIndexer,
  createSearch,
  type ExcerptPart,
  type Hit,
  type Hits,
  type Indexer,
  MAX_QUERY,
  type SearchAsked,
} from './search/index.ts'

export { SetupError } from './setup-error.ts'
export {
  canBeUsername,
  formProblem,
  lengthProblem,
  lookAlikeKey,
  namedIn,
  reactionName,
  roomKey,
  roomNameOf,
  textPatterns,
  textProblem,
  usernameKey,
  usernameOf,
} from './text/index.ts'
export { mostTextOf, PAGE_TEXT } from './text-bounds.ts'
export { MOST_FOLLOWED } from './threads/index.ts'
export { createTurns, type TakeTurn } from './turns.ts'
export { TYPING_MS, type Visit } from './visits/index.ts'
