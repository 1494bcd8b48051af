import { ChatError } from './errors.ts'
import { type CatchingUp, cutOver, Feed, type FeedDeps, type FeedRoom, sharedChanges } from './feed/index.ts'
import type { Epochs } from './history/index.ts'
import {
  Committer,
  type CommitterOptions,
  createMessages,
  type MessagesOptions,
  watchWrites,
} from './messages/index.ts'
import type { Seq } from './model.ts'
import { type AccountsDeps, type AccountsOptions, createAccounts, createGuests } from './people/index.ts'
import type { SendBudget, Store } from './ports.ts'
import { createPresence, type PresenceDeps, type PresenceOptions, pacedSignals } from './presence/index.ts'
import { createMembership, createRooms, type RoomsOptions } from './rooms/index.ts'

export interface ChatDeps
  extends Omit<AccountsDeps, 'users' | 'tokens' | 'knownClients'>,
    PresenceDeps,
    Omit<FeedDeps, 'log'> {
  readonly epochs: Epochs
  readonly store: Store
  readonly budget: SendBudget
}

export interface ChatOptions
  extends AccountsOptions,
    CommitterOptions,
    MessagesOptions,
    RoomsOptions,
    PresenceOptions {}

export type Chat = ReturnType<typeof createChat>

/** The use cases, put together. What contracts get is this and nothing below it. */
export function createChat(given: ChatDeps, options: ChatOptions) {
  const signals = pacedSignals(given.clock, given.signals)
  const deps = { ...given, signals }
  const { store, clock, roomPresence, budget } = deps
  const feed = new Feed({ ...deps, log: store })
  const log = sharedChanges(store)
  const writes = watchWrites(store, clock)
  const committer = new Committer(writes.log, clock, options, feed)
  const presence = createPresence(deps, options)
  const membership = createMembership(store, feed, signals, presence, options)
  const rooms = createRooms(store, feed, signals, options)
  return {
    accounts: createAccounts({ ...deps, users: store, tokens: store, knownClients: store }, options),
    rooms,
    membership,
    guests: createGuests({ ...deps, register: store, membership, onFault: options.onFault }),
    messages: createMessages({ store, committer, feed, budget, rooms, membership }, options),
    feed,
    presence,
    roomPresence,
    signals,
    epochs: deps.epochs,
    /** From a page of history to the live stream; see `cutOver`. */
    cutOver: (room: FeedRoom, from: Seq, reader: CatchingUp) => cutOver(room, from, log, reader),
    /** Resolves where the database answers and, as far as is known, takes what is written. */
    async ping() {
      await store.ping()
      if (writes.failing) throw new ChatError('unavailable', 'The database takes no messages')
    },
    /** Takes no more sends; resolves once every one has its answer. */
    closeSends: () => committer.close(),
    /** Sends that wait for the database. */
    waiting: () => committer.waiting,
  }
}
