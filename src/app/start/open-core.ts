import type { Cluster } from '../../cluster/index.ts'
import type { Config } from '../../config.ts'
import {
  announcedChanges,
  type Clock,
  type Core,
  createCore,
  type Epochs,
  type Store,
} from '../../core/index.ts'
import { type Broadcast, createPasswords, createSecrets, type Logger } from '../../server/index.ts'
import { ensureDefaultRoom } from './default-room.ts'
import { foldNames } from './fold-names.ts'
import type { OpenFiles } from './open-file-storage.ts'

export interface CoreParts {
  readonly store: Store
  readonly epochs: Epochs
  readonly cluster: Cluster
  readonly broadcast: Broadcast
  readonly files: OpenFiles
  readonly clock: Clock
  readonly log: Logger
}

/** Puts the core together with its ports, and creates the default room. @throws SetupError as `ensureDefaultRoom` does */
export async function openCore(config: Config, parts: CoreParts): Promise<Core> {
  const { store, epochs, cluster, broadcast, files, clock, log } = parts
  const { limiter, signals, roomPresence, userPresence, budget, fanOut } = cluster
  const core = createCore(
    {
      ...{ store, epochs, clock, limiter, signals, roomPresence, userPresence, budget, fanOut },
      passwords: createPasswords({
        concurrency: config.auth.passwordHashConcurrency,
        queue: config.auth.passwordHashQueue,
      }),
      secrets: createSecrets(),
      files: files.parts,
      deliver: (room, events, stretch) => broadcast.deliver(room, events, stretch),
      gone: (roomId) => broadcast.signal({ type: 'room_deleted', roomId }),
    },
    {
      ...config.auth,
      ...config.sends,
      attachments: config.attachments,
      maxLength: config.limits.maxMessageLength,
      mostSaved: config.limits.mostSaved,
      mostPins: config.limits.mostPins,
      systemMessages: announcedChanges.filter((change) => config.rooms.systemMessages.includes(change)),
      listLimit: config.rooms.listLimit,
      mentionLimit: config.rooms.mentionLimit,
      presenceGraceMs: config.rooms.presenceGraceMs,
      onFault: (error) => log.error({ err: error }, 'a listener failed'),
      onIndexFailure: (error) =>
        log.warn({ err: error }, 'messages could not be indexed for the search; it will be tried again'),
      nextTurn: setImmediate,
    },
  )
  await foldNames(store, log)
  await ensureDefaultRoom(core.chat, config.rooms.defaultRoom)
  return core
}
