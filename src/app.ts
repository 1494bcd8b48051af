/*
 * The composition root: the one place that sees every part and puts them together; `app/` is its own pieces. Imports all of
 * src but `main.ts` and the scripts.
 */
import { fileURLToPath } from 'node:url'
import type { AnyElysia } from 'elysia'
import { accounts } from './api/accounts/index.ts'
import { chatService } from './api/chat-service/index.ts'
import { directChats } from './api/direct-chats/index.ts'
import { groups } from './api/groups/index.ts'
import { liveChat } from './api/live-chat/index.ts'
import { roomSocket } from './api/room-socket/index.ts'
import { v1 } from './api/v1/index.ts'
import { asyncApi } from './api/v2/asyncapi.ts'
import { v2 } from './api/v2/index.ts'
import { capacityOf } from './app/capacity.ts'
import { ensureDefaultRoom } from './app/default-room.ts'
import { followEpochs } from './app/epochs.ts'
import { type MoreProviders, openIdentities } from './app/identities.ts'
import { connectNodes, openNodes } from './app/nodes.ts'
import { openStore } from './app/open-store.ts'
import { every, sweep } from './app/periodic.ts'
import { shutDown } from './app/shutdown.ts'
import { socketOptions } from './app/socket-options.ts'
import { webClient } from './app/web-client.ts'
import type { Config } from './config.ts'
import { type Chat, type Clock, type Core, createCore, Epochs } from './core/index.ts'
import {
  Broadcast,
  Connections,
  type Contract,
  createAddresses,
  createBodies,
  createEdge,
  createHttp,
  createListener,
  createOrigins,
  createPasswords,
  createSecrets,
  createSources,
  docs,
  guardAccepting,
  type HealthState,
  healthRoutes,
  keepAlive,
  type Logger,
  loadCertificate,
  readOpenFiles,
  requestLimit,
  type Server,
  seldom,
  socketHandlers,
  systemClock,
} from './server/index.ts'
import { openDataFolder } from './store/embedded/index.ts'

export interface App {
  /** The use cases, which are the core's. */
  readonly chat: Chat
  readonly core: Core
  listen(): Listening
  /** Stops, in the order of `app/shutdown.ts`. Idempotent. @param drainMs instead of DRAIN_DELAY_MS */
  close(drainMs?: number): Promise<void>
}

/** Where the server is reached from this machine. */
export interface Listening {
  readonly port: number
  /** null where there is no certificate. */
  readonly tlsPort: number | null
  readonly api: string
  readonly docs: string
  /** Of the built-in client. */
  readonly web: string
  readonly sockets: string
}

export interface Overrides extends MoreProviders {
  readonly clock?: Clock
}

/** Migrations are applied from here, whatever folder the process was started in. */
export const MIGRATIONS = fileURLToPath(new URL('../drizzle', import.meta.url))

const SWEEP_MS = 60_000
const TIDY_MS = 10_000
/** How often the log says again what still is so. */
const AGAIN_MS = 60_000
/** Puts the process together: the only place that sees every part. */
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
  const database = await openStore(config, MIGRATIONS, log, onFatal)
  const { store } = database

  const addresses = createAddresses(config.security.trustedProxies)
  const origins = createOrigins(config.security.allowedOrigins)
  const epochs = await Epochs.open(store, clock)
  const cluster = await openNodes(config, clock, log, () => epochs.name)
  const connections = new Connections(
    {
      total: maxConnections,
      perAddress: config.limits.maxConnectionsPerAddress,
      perUser: config.limits.maxConnectionsPerUser,
    },
    cluster.connections,
    seldom(AGAIN_MS, () => log.warn(`sockets are refused: ${maxConnections} are open (MAX_CONNECTIONS)`)),
  )
  const listener = createListener(connections, addresses)
  const broadcast = new Broadcast(connections, listener.publish)
  const onFault = (error: unknown) => log.error({ err: error }, 'a listener failed')
  const core = createCore(
    {
      store,
      epochs,
      clock,
      limiter: cluster.limiter,
      passwords: createPasswords({
        concurrency: config.auth.passwordHashConcurrency,
        queue: config.auth.passwordHashQueue,
      }),
      secrets: createSecrets(),
      signals: cluster.signals,
      roomPresence: cluster.roomPresence,
      userPresence: cluster.userPresence,
      budget: cluster.budget,
      fanOut: cluster.fanOut,
      deliver: (room, events, stretch) => broadcast.deliver(room, events, stretch),
      gone: (roomId) => broadcast.signal({ type: 'room_deleted', roomId }),
    },
    {
      ...config.auth,
      ...config.sends,
      maxLength: config.limits.maxMessageLength,
      listLimit: config.rooms.listLimit,
      presenceGraceMs: config.rooms.presenceGraceMs,
      onFault,
      nextTurn: setImmediate,
    },
  )

  const { chat } = core
  connections.watch(core.presence)
  await ensureDefaultRoom(chat, config.rooms.defaultRoom)

  const identity = openIdentities({ chat, clock, cluster, connections, origins }, overrides)
  const { identities } = identity
  const server: Server = {
    chat,
    broadcast,
    log,
    identities,
    takeRequest: requestLimit(cluster.requests),
    source: createSources(listener, origins),
    secure: listener.secure,
    publicUrl: listener.publicUrl,
    expectUpgrade: listener.expectUpgrade,
    upgrade: listener.upgrade,
    identify: (connection, speaker) => connections.identify(connection, speaker, clock.ticks()),
  }
  const contracts: Contract[] = [
    accounts(server, config.auth),
    chatService(server),
    liveChat(server, config.rooms),
    directChats(server),
    groups(server),
    roomSocket(server, config.rooms),
    v1(server, config.v1),
    v2(server, {
      clock,
      ...config.socket,
      ...config.limits,
      maxFrameBytes: config.limits.maxBodyBytes,
    }),
  ]
  const health: HealthState = { draining: false }
  const healthy = healthRoutes(core, health)
  const documented: AnyElysia[] = [...contracts.map((contract) => contract.routes), healthy]
  const extra: AnyElysia[] = [healthy, docs(documented, { asyncapi: asyncApi }), webClient()]
  const bodies = createBodies(config.limits)
  const http = createHttp(contracts, extra, log, bodies)
  const edge = createEdge({
    contracts,
    limiter: cluster.limiter,
    origins,
    addresses,
    bodies,
    log,
    health,
    handle: (request) => http.handle(request),
  })

  const nodes = connectNodes({ cluster, clock, core, broadcast, connections, identity, log })
  const stops = [
    keepAlive(connections, clock, config.socket),
    nodes.stop,
    followEpochs({ core, connections, identities, findEnded: nodes.findEnded, log }),
    every(SWEEP_MS, () => sweep(store), log),
    every(SWEEP_MS, core.guests.tend, log),
    every(TIDY_MS, identities.tidy, log),
  ]
  let closing: Promise<void> | null = null

  return {
    chat,
    core,
    listen() {
      const sockets = socketHandlers(connections, clock, log, socketOptions(config))
      const { host, port, httpIdleSeconds: idleSeconds } = config.server
      const plain = listener.listen(
        { variable: 'PORT', host, port, idleSeconds, certificate: null },
        edge,
        sockets,
      )
      const tlsPort =
        certificate &&
        listener.listen(
          { variable: 'TLS_PORT', host, port: config.tls.port, idleSeconds, certificate },
          edge,
          sockets,
        )
      if (warning !== null) log.warn(warning)
      if (openFiles !== null && files !== null) stops.push(guardAccepting(openFiles, files, listener, log))
      const place = `${host.includes(':') ? `[${host}]` : host}:${plain}`
      return {
        port: plain,
        tlsPort,
        web: `http://${place}/`,
        api: `http://${place}`,
        docs: `http://${place}/docs`,
        sockets: `ws://${place}/ws/chat/${config.rooms.defaultRoom}/`,
      }
    },
    close(drainMs = config.drainDelayMs) {
      closing ??= shutDown(
        { health, listener, stops, core, connections, cluster, database, identity },
        drainMs,
      )
      return closing
    },
  }
}
