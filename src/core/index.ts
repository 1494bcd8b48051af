/*
 * The chat itself: users, rooms, members, messages, one order per room, and who may do what.
 *
 * Imports nothing outside this folder: no framework, no database, no runtime. What it needs from outside it names in
 * `ports.ts`, where each comment is a contract that implementations are tested against.
 */
export { type Action, allows, requireAllowed } from './access.ts'
export { type Accounts, type AccountsOptions, createAccounts } from './accounts.ts'
export { asNow } from './as-now.ts'
export type { SendReply } from './batches.ts'
export { type Chat, createChat } from './chat.ts'
export { Committer } from './committer.ts'
export type { CommitterOptions } from './committer-options.ts'
export { Epochs } from './epochs.ts'
export { ChatError, DamagedData, type ErrorKind, isCallersFault, StaleFacts } from './errors.ts'
export { Feed } from './feed.ts'
export { FeedRoom } from './feed-room.ts'
export type { MarksTo } from './marks.ts'
export * from './model.ts'
export { type PacedSignals, pacedSignals } from './paced-signals.ts'
export type * from './ports.ts'
export { createPresence, type Presence, type RoomOnline } from './presence.ts'
export type { RoomWanted } from './rooms.ts'
export { SetupError } from './setup-error.ts'
export type { Source } from './source.ts'
export type { RoomRef } from './standing.ts'
export type { Recent } from './tail.ts'
export {
  formProblem,
  lengthProblem,
  nameProblem,
  textProblem,
  usernameKey,
  usernameOf,
  usernameProblem,
} from './text.ts'
export type { ListedToken, SignedIn } from './tokens.ts'
