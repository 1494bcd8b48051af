import { fileURLToPath } from 'node:url'
import type { AnyElysia } from 'elysia'
import { accounts } from './api/accounts/index.ts'
import { chatService } from './api/chat-service/index.ts'
import { directChats } from './api/direct-chats/index.ts'
import { groups } from './api/groups/index.ts'
import { liveChat } from './api/live-chat/index.ts'
import { roomSocket } from './api/room-socket/index.ts'
import { v1 } from './api/v1/index.ts'
import {
  createMemoryLimiter,
  createMemoryPresence,
  createMemorySignals,
  createSendBudget,
} from './cluster/index.ts'
import type { Config } from './config.ts'
import { type Chat, type Clock, createChat, type Signal } from './core/index.ts'
import {
  Broadcast,
  Connections,
  type Contract,
  createAddresses,
  createEdge,
  createHttp,
  createIdentities,
  createListener,
  createOrigins,
  createPasswords,
  createSecrets,
  docs,
  type HealthState,
  healthRoutes,
  keepAlive,
  type Logger,
  loadCertificate,
  type Server,
  socketHandlers,
  systemClock,
} from './server/index.ts'
import { openDatabase } from './store/database.ts'
import { createStore } from './store/index.ts'

export interface App {
  readonly chat: Chat
  listen(): Listening
  /** Stops: no new connections, sends under way are settled, sockets closed, the database left. Idempotent. */
  close(): Promise<void>
}

/** Where the server is reached from this machine. */
export interface Listening {
  readonly port: number
  /** null where there is no certificate. */
  readonly tlsPort: number | null
  readonly api: string
  readonly docs: string
  readonly sockets: string
}

export interface Overrides {
  readonly clock?: Clock
}

/** Migrations are applied from here, whatever folder the process was started in. */
export const MIGRATIONS = fileURLToPath(new URL('../drizzle', import.meta.url))

/** How long the feed may miss what was committed but never announced to it. */
const RECONCILE_MS = 5000
const SWEEP_MS = 60_000
/** How long requests under way may take to get their answers when the server stops. */
const LAST_ANSWERS_MS = 2000

/** Puts the process together: the only place that sees every part. */
export async function createApp(
  config: Config,
  log: Logger,
  onFatal: (error: Error) => void,
  overrides: Overrides = {},
): Promise<App> {
  const clock = overrides.clock ?? systemClock
  const certificate = await loadCertificate(config.tls, config.dataDir)
  const database = await openDatabase({
    database: config.database,
    dataDir: config.dataDir,
    migrate: config.mode !== 'production',
    migrations: MIGRATIONS,
    onCrash: onFatal,
    onUpkeepError: (error) => log.warn({ err: error }, 'the embedded database could not be tidied'),
  })
  const store = createStore(database.sql, database.lanes, {
    queryTimeoutMs: config.database.statementTimeoutMs + 1000,
  })

  const addresses = createAddresses(config.security.trustedProxies)
  const origins = createOrigins(config.security.allowedOrigins)
  const connections = new Connections({
    total: config.limits.maxConnections,
    perAddress: config.limits.maxConnectionsPerAddress,
  })
  const listener = createListener(connections, addresses)
  const broadcast = new Broadcast(connections, listener.publish)
  const limiter = createMemoryLimiter(config.limits)
  const onFault = (error: unknown) => log.error({ err: error }, 'a listener failed')
  const chat = createChat(
    {
      store,
      clock,
      limiter,
      passwords: createPasswords({
        concurrency: config.auth.passwordHashConcurrency,
        queue: config.auth.passwordHashQueue,
      }),
      secrets: createSecrets(),
      signals: createMemorySignals((signal: Signal) => broadcast.signal(signal), onFault),
      presence: createMemoryPresence(),
      budget: createSendBudget(clock, {
        messagesPerSecond: config.limits.messagesPerSecond,
        burst: config.limits.messagesBurst,
        users: config.limits.maxConnections,
      }),
      deliver: (room, events) => broadcast.deliver(room, events),
    },
    {
      ...config.auth,
      ...config.sends,
      maxLength: config.limits.maxMessageLength,
      onFault,
      nextTurn: setImmediate,
    },
  )

  await chat.rooms.ensurePublic(config.rooms.defaultRoom)

  const server: Server = {
    chat,
    broadcast,
    log,
    identities: createIdentities(chat.accounts, origins, (fingerprint) => connections.isRevoked(fingerprint)),
    limitKey: listener.limitKey,
    secure: listener.secure,
    publicUrl: listener.publicUrl,
    expectUpgrade: listener.expectUpgrade,
    upgrade: listener.upgrade,
  }
  const contracts: Contract[] = [
    accounts(server, config.auth),
    chatService(server),
    liveChat(server, config.rooms),
    directChats(server),
    groups(server),
    roomSocket(server, config.rooms),
    v1(server, config.v1),
  ]
  const health: HealthState = { draining: false }
  const healthy = healthRoutes(chat, health)
  const documented: AnyElysia[] = [...contracts.map((contract) => contract.routes), healthy]
  const extra: AnyElysia[] = [healthy, docs(documented)]
  const http = createHttp(contracts, extra, log, config.limits.maxBodyBytes)
  const edge = createEdge({
    contracts,
    limiter,
    origins,
    addresses,
    log,
    handle: (request) => http.handle(request),
  })

  const stops = [
    keepAlive(connections, clock, config.socket),
    every(RECONCILE_MS, () => chat.feed.reconcile(), log),
    every(SWEEP_MS, () => sweep(store), log),
  ]
  let closing: Promise<void> | null = null

  async function close(): Promise<void> {
    health.draining = true
    listener.stopAccepting()
    for (const stop of stops) stop()
    await chat.closeSends()
    // 1012, service restart: come back, elsewhere or a little later.
    for (const connection of [...connections.all()]) connection.close(1012, 'the server restarts')
    await listener.answered(LAST_ANSWERS_MS)
    await listener.stop()
    await database.close()
  }

  return {
    chat,
    listen() {
      const sockets = socketHandlers(connections, clock, log, {
        ...config.socket,
        maxFrameBytes: config.limits.maxBodyBytes,
      })
      const { host, port } = config.server
      const plain = listener.listen({ host, port, certificate: null }, edge, sockets)
      const tlsPort =
        certificate && listener.listen({ host, port: config.tls.port, certificate }, edge, sockets)
      const place = `${host.includes(':') ? `[${host}]` : host}:${plain}`
      return {
        port: plain,
        tlsPort,
        api: `http://${place}`,
        docs: `http://${place}/docs`,
        sockets: `ws://${place}/ws/chat/${config.rooms.defaultRoom}/`,
      }
    },
    close() {
      closing ??= close()
      return closing
    },
  }
}

/** Runs again and again, `ms` after it has ended. A failure is logged, and the next run is the retry. */
function every(ms: number, run: () => Promise<void>, log: Logger): () => void {
  let timer: ReturnType<typeof setTimeout>
  const schedule = () => {
    timer = setTimeout(() => {
      run()
        .catch((error: unknown) => log.warn({ err: error }, 'a periodic task failed'))
        .finally(schedule)
    }, ms)
  }
  schedule()
  return () => clearTimeout(timer)
}

async function sweep(store: { sweep(): Promise<boolean> }): Promise<void> {
  while (await store.sweep());
}
