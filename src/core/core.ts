import { type AttachmentsDeps, type AttachmentsOptions, createAttachments } from './attachments/index.ts'
import { ChatError } from './errors.ts'
import { batchedChanges, Feed, type FeedDeps, sharedChanges } from './feed/index.ts'
import type { Epochs } from './history/index.ts'
import { createResolver, type MentionsOptions } from './mentions/index.ts'
import {
  type AnnouncedChange,
  addressed,
  Committer,
  type CommitterOptions,
  createAnnounce,
  createEphemeral,
  createMessages,
  createWaits,
  type MessagesOptions,
  watchWrites,
} from './messages/index.ts'
import type { Room, RoomId, UserId, UserRef } from './model.ts'
import { createBlocks, createModeration } from './moderation/index.ts'
import { type AccountsDeps, type AccountsOptions, createAccounts, createGuests } from './people/index.ts'
import { createPins } from './pins/index.ts'
import type { MentionsPage, SendBudget, Store } from './ports.ts'
import {
  createOnlineSoon,
  createPresence,
  type PresenceDeps,
  type PresenceOptions,
  pacedSignals,
} from './presence/index.ts'
import { createDrafts, createNotifications, createPrivateState, createSaved } from './private/index.ts'
import { createReactions } from './reactions/index.ts'
import { createMembership, createRooms, type RoomsOptions } from './rooms/index.ts'
import { createIndexer, createSearch, type IndexerOptions, noteWrites } from './search/index.ts'
import { createThreads } from './threads/index.ts'
import { Visit } from './visits/index.ts'

/** What holds the bytes of attachments, and looks into them. */
export type CoreFiles = Omit<AttachmentsDeps, 'store' | 'clock'>

export interface CoreDeps
  extends Omit<AccountsDeps, 'users' | 'tokens' | 'knownClients'>,
    PresenceDeps,
    Omit<FeedDeps, 'log'> {
  readonly epochs: Epochs
  readonly store: Store
  /** Of messages, edits and deletions. */
  readonly budget: SendBudget
  readonly files: CoreFiles
}

export interface CoreOptions
  extends AccountsOptions,
    CommitterOptions,
    MessagesOptions,
    MentionsOptions,
    RoomsOptions,
    PresenceOptions,
    IndexerOptions {
  readonly attachments: Omit<AttachmentsOptions, 'onFault'>
  /** The most messages that a user may save. */
  readonly mostSaved: number
  /** The most pinned messages of a room. */
  readonly mostPins: number
  /** The changes of rooms of which a message tells. */
  readonly systemMessages: readonly AnnouncedChange[]
}

export type Core = ReturnType<typeof createCore>

/**
 * The use cases: all that contracts and sockets get of the core. What is below them (the feed, signals, presence, budgets, the
 * store) is not in it, so that a contract can neither pass by a limit nor tell something that has not happened.
 */
export type Chat = Core['chat']

/** Puts the core together: the use cases, and beside them what the process itself has to do with it. */
export function createCore(given: CoreDeps, options: CoreOptions) {
  const signals = pacedSignals(given.clock, given.signals)
  const deps = { ...given, signals }
  const { clock, roomPresence, budget, epochs, limiter, files } = deps
  const indexer = createIndexer(deps.store, clock, options)
  const store = noteWrites(deps.store, indexer)
  const feed = new Feed({ ...deps, log: store })
  const writes = watchWrites(store, clock)
  const presence = createPresence(deps, options)
  const resolveMentions = createResolver({ store, online: createOnlineSoon(presence, clock) }, options)
  const log = addressed(writes.log, resolveMentions, signals)
  const committer = new Committer(log, clock, options, feed)
  const announce = createAnnounce(committer, options.systemMessages, options.onFault)
  const membership = createMembership(store, feed, signals, presence, { ...options, announce })
  const rooms = createRooms(store, feed, signals, { ...options, announce })
  const guests = createGuests({ ...deps, register: store, membership, onFault: options.onFault })
  const { close: closeReactions, ...reactions } = createReactions({ ...deps, feed, rooms }, options)
  const privateState = createPrivateState({ store, feed, signals })
  const { onFault } = options
  const { tend, removeSoon, ...attachments } = createAttachments(
    { ...files, store, clock },
    { ...options.attachments, onFault },
  )
  const pages = sharedChanges(batchedChanges(store, options.maxLength))
  const waits = createWaits({ feed, clock })
  const visits = { feed, rooms, log: pages, roomPresence, signals, clock }

  const chat = {
    accounts: createAccounts({ ...deps, users: store, tokens: store, knownClients: store }, options),
    rooms,
    membership,
    messages: {
      ...createMessages(
        {
          store,
          committer,
          feed,
          budget,
          rooms,
          membership,
          resolveMentions,
          signals,
          onFilesGone: removeSoon,
        },
        options,
      ),
      ...createEphemeral({ store, budget, signals, presence }, options),
    },
    /** Waiting for something to happen in a room. */
    waits: { changed: waits.changed },
    reactions,
    pins: createPins({ store, feed, budget }, options.mostPins),
    privateState,
    drafts: createDrafts(store, privateState, options.maxLength),
    notifications: createNotifications(store, privateState),
    search: createSearch({ store, limiter, clock }),
    attachments,
    threads: createThreads({ store, signals, rooms }),
    mentions: {
      /** Messages that mention the user, in the rooms that the user is in; the latest first. */
      list: (user: UserId, page: MentionsPage) => store.mentionsOf(user, page),
    },
    saved: createSaved(store, privateState, options.mostSaved),
    moderation: createModeration({ store, feed, signals, budget, announce }),
    blocks: createBlocks(store, feed),
    guests: { enter: guests.enter },
    online: {
      /** Those of the users who are online. */
      among: (users: readonly UserId[]) => presence.online(users),
      inRoom: (room: Room) => presence.inRoom(room),
    },
    visits: {
      /** Lets a connection of a user into a room: nothing that happens there is missed from this moment on. Pair it with `leave`. */
      enter: (room: RoomId, user: UserRef) => new Visit(visits, room, user),
    },
    /** What clients are told of the history, to give it back with their positions. */
    history: {
      /** See `Epochs`. */
      mark: () => epochs.mark,
      /** Whether what a client was told is of the history that goes on. @throws what the ledger throws */
      continues: (mark: string) => epochs.continues(mark),
    },
  }

  return {
    chat,
    feed,
    presence,
    roomPresence,
    signals,
    epochs,
    guests,
    /** Indexes messages for the search, once it is started. */
    indexer,
    /** Removes the bytes of attachments that nobody can see any more; see `Attachments`. */
    tendAttachments: tend,
    /** Resolves if the database answers and, as far as is known, takes what is written. @throws ChatError `unavailable` */
    async ping() {
      await store.ping()
      if (writes.failing) throw new ChatError('unavailable', 'The database accepts no messages')
    },
    /** Lets nobody wait for something to happen any more. */
    closeWaits: waits.close,
    /** Takes no more sends and reactions; resolves once every one has its answer. */
    async closeSends(): Promise<void> {
      await Promise.all([committer.close(), closeReactions()])
    },
  }
}
