/*
 * The composition root: the one place that sees every part and puts them together. Its pieces are in `app/`. Imports all of src
 * except `main.ts` and the scripts.
 */
import { fileURLToPath } from 'node:url'
import { createContracts, createFront } from './app/http/index.ts'
import { startJobs } from './app/jobs/index.ts'
import { shutDown } from './app/shutdown/index.ts'
import {
  capacityOf,
  type Listening,
  listen,
  type MoreProviders,
  openCluster,
  openCore,
  openFileStorage,
  openIdentities,
  openSockets,
  openStore,
} from './app/start/index.ts'
import type { Config } from './config.ts'
import { type Chat, type Clock, type Core, createTurns, Epochs } from './core/index.ts'
import {
  createBodies,
  createCookies,
  createOrigins,
  createSources,
  type FollowedCertificate,
  followCertificate,
  guardAccepting,
  type HealthState,
  type Logger,
  loadCertificate,
  readOpenFiles,
  refusedOriginWarning,
  requestLimit,
  type Server,
  systemClock,
} from './server/index.ts'
import { openDataFolder } from './store/embedded/index.ts'

export interface App {
  /** The use cases of the core. */
  readonly chat: Chat
  readonly core: Core
  listen(): Listening
  /** Shows the certificate that is in its files now. Resolves when the log has been told. Never rejects. */
  renewCertificate(): Promise<void>
  /** Stops, in the order of `app/shutdown/shutdown.ts`. Idempotent. @param drainMs replaces DRAIN_DELAY_MS */
  close(drainMs?: number): Promise<void>
}

export interface Overrides extends MoreProviders {
  readonly clock?: Clock
}

/** The folder of the migrations. Independent of the folder in which the process was started. */
export const MIGRATIONS = fileURLToPath(new URL('../drizzle', import.meta.url))

/** Puts the process together. It accepts no connections before `listen`. */
export async function createApp(
  config: Config,
  log: Logger,
  onFatal: (error: Error) => void,
  overrides: Overrides = {},
): Promise<App> {
  const clock = overrides.clock ?? systemClock
  const openFiles = readOpenFiles()
  const { maxConnections, files, warning } = capacityOf(config, openFiles?.limit ?? null)
  if (config.tls.selfSigned) openDataFolder(config.dataDir)
  const certificate = await loadCertificate(config.tls, config.dataDir)
  const takeTurn = createTurns()
  const database = await openStore(config, MIGRATIONS, log, onFatal, takeTurn)
  const { store } = database

  const epochs = await Epochs.open(store, clock)
  const cluster = await openCluster(config, clock, log, () => epochs.name)
  const sockets = openSockets(config, cluster, maxConnections, clock, log)
  const { addressLimit, connections, listener, broadcast } = sockets
  const fileStorage = await openFileStorage(config, store, log)
  const core = await openCore(config, { store, epochs, cluster, broadcast, files: fileStorage, clock, log })
  const { chat } = core
  connections.watch(core.presence)

  const origins = createOrigins(
    { allowed: config.security.allowedOrigins, local: config.mode === 'development' },
    refusedOriginWarning(log),
  )
  const cookies = createCookies(config.cookies)
  const parts = { chat, clock, cluster, connections, origins, cookies }
  const identity = openIdentities(config, parts, overrides)
  const bodies = createBodies(config.limits, takeTurn)
  const server: Server = {
    chat,
    broadcast,
    log,
    identities: identity.identities,
    cookies,
    takeRequest: requestLimit(cluster.requests),
    source: createSources(listener, origins, cookies, addressLimit),
    clientSide: listener.clientSide,
    publicUrl: listener.publicUrl,
    expectUpgrade: listener.expectUpgrade,
    receive: (request, mostBytes) => bodies.receive(request, mostBytes, fileStorage.uploads),
    upgrade: listener.upgrade,
    expectStream: listener.expectStream,
    stream: (request, connection, format) =>
      sockets.streams.open(connection, format, listener.hold(request, connection)),
    identify: (connection, speaker) => connections.identify(connection, speaker, clock.ticks()),
  }
  const contracts = createContracts(server, config, clock)
  const health: HealthState = { draining: false }
  const edge = createFront(config, contracts, { core, origins, addressLimit, health, bodies, log })

  const stops = startJobs(config, { store, cluster, core, identity, sockets, clock, log })
  let closing: Promise<void> | null = null
  let followed: FollowedCertificate | null = null

  return {
    chat,
    core,
    listen() {
      const listening = listen(config, { edge, sockets, certificate, clock, log })
      if (certificate !== null && config.tls.certFile !== undefined) {
        const read = () => loadCertificate(config.tls, config.dataDir)
        followed = followCertificate({ shown: certificate, read, renew: listener.renew, log })
        stops.push(followed.stop)
      }
      if (warning !== null) log.warn(warning)
      if (openFiles !== null && files !== null) stops.push(guardAccepting(openFiles, files, listener, log))
      return listening
    },
    renewCertificate: () => followed?.look() ?? Promise.resolve(),
    close(drainMs = config.drainDelayMs) {
      closing ??= shutDown(
        { health, listener, stops, core, connections, cluster, database, identity },
        drainMs,
      )
      return closing
    },
  }
}
