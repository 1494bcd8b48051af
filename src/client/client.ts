import { type Api, createApi, createHttp } from './api/index.ts'
import { environment } from './environment.ts'
import { createEvents, type Events } from './events.ts'
import { createGate } from './gate.ts'
import { createLink, type LinkState, tokenSource } from './link/index.ts'
import { createListeners } from './listeners.ts'
import { followNetwork } from './network.ts'
import type { ClientOptions } from './options.ts'
import { createOutbox, memoryStorage } from './outbox/index.ts'
import type { RoomView } from './room/index.ts'
import { createRooms } from './rooms.ts'
import { type ClientSnapshot, clientSnapshot, NOTHING_YET, type Status } from './status.ts'
import { baseUrl, socketUrl } from './url.ts'
import type { ServerFrame } from './wire.ts'

/** A signed-in user's connection to a server, and the rooms that are followed over it. */
export interface Client {
  readonly api: Api
  readonly status: Status
  /** The same object until something has changed. */
  getSnapshot(): ClientSnapshot
  /** The client before it has connected, always the same: what a server renders, and a browser until it has taken that over. */
  getServerSnapshot(): ClientSnapshot
  /** Calls `listener` after every change; returns how to stop that. */
  subscribe(listener: () => void): () => void
  /** Listens to one kind of event; returns how to stop that. */
  on: Events['on']
  /** The view of a room: the same object each time, until it is forgotten. */
  room(id: number): RoomView
  /** Closes the view of a room and drops what it holds. */
  forget(id: number): void
  /** Connects now: after `disconnect`, after a stop (somebody has signed in again), or out of turn. */
  connect(): void
  /** Stays offline until `connect`. What is sent meanwhile waits. */
  disconnect(): void
  /** Ends it for good. Resolves once everything that is still to be sent is stored. */
  close(): Promise<void>
}

/**
 * Connects to a server at once, and stays connected. Without a WebSocket, the engine's or a given one, it stays offline and asks
 * nobody for a token; `api` works all the same.
 * @throws TypeError for an address that is none
 */
export function createClient(options: ClientOptions): Client {
  const { timeoutMs = 10_000, maxMessages = 2000, storage = memoryStorage(), connect = true } = options
  const env = environment(options)
  const base = baseUrl(options.url)
  const token = tokenSource(options.token, env.clock, timeoutMs)
  const listeners = createListeners<[]>(env.log)
  const events = createEvents(env.log)
  let snapshot = NOTHING_YET
  let isClosed = false

  const api = createApi(createHttp({ base, timeoutMs, token: token.get }, env))
  /** What the present connection told of the history last. */
  let epoch: string | undefined
  const link = createLink({ url: socketUrl(base), token, timeoutMs }, env, {
    state: linked,
    frame: received,
    greeted(hello) {
      epoch = hello.epoch
    },
  })
  const outbox = createOutbox(storage, link.line, env, {
    queued: (room, entry) => changed(() => rooms.find(room)?.dispatch({ type: 'queued', entry })),
    changed: (room, clientId, change) =>
      changed(() => rooms.find(room)?.dispatch({ type: 'sending', clientId, change })),
  })
  const rooms = createRooms({
    env,
    line: link.line,
    gate: createGate(SUBSCRIBES_AT_ONCE),
    epoch: () => epoch,
    outbox,
    maxMessages,
    page: (room, before, limit) => api.messages.page(room, { before, limit, tombstones: true }),
    applied: (event) => events.tell('event', event),
    phaseChanged: update,
  })
  const stopFollowing = followNetwork(env.network, link)

  function linked(state: LinkState): void {
    const user = state.phase === 'ready' ? state.user.id : null
    if (user !== null) rooms.identified(user)
    if (user !== null) outbox.online(user)
    else outbox.offline()
    rooms.linked(state.phase)
    update()
    if (state.phase === 'stopped') events.tell('stopped', state.stopped)
  }

  function received(frame: ServerFrame): void {
    if (frame.type === 'heartbeat') {
      epoch = frame.epoch ?? epoch
      rooms.heads(frame.heads)
    }
    if (!('room' in frame)) return
    rooms.find(frame.room)?.receive(frame)
    if (frame.type === 'membership') events.tell('membership', frame)
  }

  function changed(act: () => void): void {
    act()
    update()
  }

  function update(): void {
    const before = snapshot
    snapshot = clientSnapshot(before, link.state(), rooms.areLive, outbox.size())
    if (snapshot === before) return
    if (snapshot.status !== before.status) events.tell('status', snapshot.status)
    listeners.call()
  }

  if (connect) link.connect()
  return {
    api,
    get status() {
      return snapshot.status
    },
    getSnapshot: () => snapshot,
    getServerSnapshot: () => NOTHING_YET,
    subscribe: listeners.add,
    on: events.on,
    room: (id) => rooms.get(id).view,
    forget: rooms.forget,
    connect() {
      if (!isClosed) link.connect()
    },
    disconnect() {
      if (!isClosed) link.disconnect()
    },
    async close() {
      if (isClosed) return
      isClosed = true
      stopFollowing()
      link.stop('The client was closed')
      await outbox.close()
    },
  }
}

/** As many as the server works on at once for a connection. */
const SUBSCRIBES_AT_ONCE = 16
