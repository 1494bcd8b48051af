import { type AccountsDeps, type AccountsOptions, createAccounts } from './accounts.ts'
import { Committer } from './committer.ts'
import type { CommitterOptions } from './committer-options.ts'
import { type CatchingUp, cutOver } from './cut-over.ts'
import { type Deliver, Feed } from './feed.ts'
import type { FeedRoom } from './feed-room.ts'
import { createMembership } from './membership.ts'
import { createMessages, type MessagesOptions } from './messages.ts'
import type { Seq } from './model.ts'
import type { Clock, RoomPresence, SendBudget, Store } from './ports.ts'
import { createRooms } from './rooms.ts'

export interface ChatDeps extends Omit<AccountsDeps, 'users' | 'tokens'> {
  readonly store: Store
  readonly clock: Clock
  readonly presence: RoomPresence
  readonly budget: SendBudget
  /** Where the ordered events of a room go: the sockets. */
  readonly deliver: Deliver
}

export interface ChatOptions extends AccountsOptions, CommitterOptions, MessagesOptions {}

export type Chat = ReturnType<typeof createChat>

/** The use cases, put together. What contracts get is this and nothing below it. */
export function createChat(deps: ChatDeps, options: ChatOptions) {
  const { store, clock, signals, presence, budget } = deps
  const feed = new Feed(store, clock, deps.deliver)
  const committer = new Committer(store, clock, options, (room, events) => feed.accept(room, events))
  return {
    accounts: createAccounts({ ...deps, users: store, tokens: store }, options),
    rooms: createRooms(store, signals),
    membership: createMembership(store, feed, signals),
    messages: createMessages(store, committer, feed, options),
    feed,
    presence,
    budget,
    signals,
    /** From a page of history to the live stream; see `cutOver`. */
    cutOver: (room: FeedRoom, from: Seq, reader: CatchingUp) => cutOver(room, from, store, reader),
    /** Resolves where the database answers. */
    ping: () => store.ping(),
    /** Takes no more sends; resolves once every one has its answer. */
    closeSends: () => committer.close(),
    /** Sends that wait for the database. */
    waiting: () => committer.waiting,
  }
}
