import { type Api, all, createApi, createHttp, type SearchFilters } from './api/index.ts'
import { createBatch } from './batch.ts'
import { environment } from './environment.ts'
import type { ParleyError } from './errors.ts'
import { createEvents, type Events } from './events.ts'
import { createGate } from './gate.ts'
import { createLink, type LinkState, TRANSPORTS, type Transport, tokenSource } from './link/index.ts'
import { createListeners } from './listeners.ts'
import { createMemberships } from './memberships/index.ts'
import { followNetwork } from './network.ts'
import { createOpener } from './opener.ts'
import type { ClientOptions } from './options.ts'
import { createOutbox, memoryStorage } from './outbox/index.ts'
import { createOwnState, type OwnState } from './own/index.ts'
import type { RoomView } from './room/index.ts'
import { createRoomList, type RoomList } from './room-list/index.ts'
import { createRooms } from './rooms.ts'
import { type ClientSnapshot, clientSnapshot, NOTHING_YET, type Status } from './status.ts'
import { baseUrl } from './url.ts'
import type { FoundMessage, ServerFrame } from './wire.ts'

/** A signed-in user's connection to a server, and the rooms that are followed over it. */
export interface Client {
  readonly api: Api
  readonly status: Status
  /** How it is connected; null while it is not. */
  readonly transport: Transport | null
  /** Returns the same object until something changes. */
  getSnapshot(): ClientSnapshot
  /**
   * Returns the state before the first connection, always the same object. It is for rendering on a server, and for a browser until
   * it has hydrated.
   */
  getServerSnapshot(): ClientSnapshot
  /** Calls `listener` after every change. Returns a function that stops this. */
  subscribe(listener: () => void): () => void
  /** Listens to one kind of event. Returns a function that stops this. */
  on: Events['on']
  /** The rooms that the user is a member of or invited to. */
  readonly rooms: RoomList
  /** What the user keeps privately: drafts, saved messages. */
  readonly own: OwnState
  /** Returns the view of a room: the same object each time, until `forget`. */
  room(id: number): RoomView
  /** Closes the view of a room and drops what it holds. */
  forget(id: number): void
  /**
   * Finds messages by words, and phrases in double quotes, the newest first. The iteration requests a page when it reaches it. To show one,
   * read the messages `around` it: `api.messages.page(message.room, { around: message.seq })`.
   */
  search(text: string, filters?: SearchFilters): AsyncGenerator<FoundMessage>
  /** Connects now: after `disconnect`, after a stop (when the user has signed in again), or before the next attempt is due. */
  connect(): void
  /** Stays offline until `connect`. What is sent meanwhile waits. */
  disconnect(): void
  /** Closes the client for good. Resolves once all messages that are not sent yet are stored. */
  close(): Promise<void>
}

/**
 * Connects to a server at once, and stays connected. If the engine has no WebSocket and none is given, the client stays offline and
 * requests no token; `api` still works.
 * @throws TypeError if the URL is invalid
 */
export function createClient(options: ClientOptions): Client {
  const { timeoutMs = 10_000, maxMessages = 2000, storage = memoryStorage(), connect = true } = options
  const { transports = TRANSPORTS } = options
  const env = environment(options)
  const base = baseUrl(options.url)
  const token = tokenSource(options.token, env.clock, timeoutMs)
  const listeners = createListeners<[]>(env.log)
  const events = createEvents(env.log)
  const batch = createBatch()
  let snapshot = NOTHING_YET
  let isClosed = false
  let obstacle: ParleyError | null = null
  let me: number | null = null

  const api = createApi(createHttp({ base, timeoutMs, token: token.get }, env))
  /** The latest mark of the history that the present connection sent. */
  let epoch: string | undefined
  const anonymous = createHttp({ base, timeoutMs, token: null }, env)
  const ask = () => anonymous.call('GET', '/socket')
  const open = createOpener({ base, timeoutMs, batch, transports }, env)
  const link = createLink({ token, timeoutMs, transports, open, ask }, env, {
    state: linked,
    frame: received,
    greeted(hello) {
      epoch = hello.epoch
    },
    obstacle(found) {
      obstacle = found
      update()
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
    batch,
    gate: createGate(SUBSCRIBES_AT_ONCE),
    epoch: () => epoch,
    outbox,
    maxMessages,
    page: (room, before, limit) => api.messages.page(room, { before, limit, tombstones: true }),
    threadPage: (room, message, before, limit) =>
      api.threads.get(room, message, { limit, tombstones: true, ...(before === null ? {} : { before }) }),
    upload: api.attachments.upload,
    applied: (event) => events.tell('event', event),
    phaseChanged: update,
  })
  const memberships = createMemberships({
    env,
    line: link.line,
    epoch: () => epoch,
    changed(frame) {
      list.changed(frame)
      events.tell('membership', frame)
    },
    begun: () => list.begun(),
  })
  const list = createRoomList({
    env,
    batch,
    list: (scope, page) => api.rooms.list({ scope, ...page }),
    get: api.rooms.get,
    want: memberships.want,
  })
  const own = createOwnState({
    env,
    line: link.line,
    batch,
    epoch: () => epoch,
    marked: (entry) => changed(() => rooms.find(entry.room)?.dispatch({ type: 'own_mark', entry })),
  })
  const stopFollowing = followNetwork(env.network, link)

  function linked(state: LinkState): void {
    const user = state.phase === 'ready' ? state.user.id : null
    if (user !== null && user !== me) list.forget()
    me = user ?? me
    if (user !== null) rooms.identified(user)
    if (user !== null) outbox.online(user)
    else outbox.offline()
    rooms.linked(state.phase)
    list.linked(user !== null)
    memberships.linked(state)
    own.linked(state)
    update()
    if (state.phase === 'stopped') events.tell('stopped', state.stopped)
  }

  function received(frame: ServerFrame): void {
    if (frame.type === 'heartbeat') {
      epoch = frame.epoch ?? epoch
      rooms.heads(frame.heads)
      if (frame.memberships !== undefined) memberships.head(frame.memberships)
    }
    if (frame.type === 'private') own.receive(frame)
    if (!('room' in frame)) return
    const room = rooms.find(frame.room)
    room?.receive(frame)
    if (frame.type === 'notify') events.tell('notify', frame)
    if (frame.type === 'ephemeral') events.tell('ephemeral', frame)
    if (frame.type !== 'membership') return
    // Whoever hears of the membership finds the view as it is since then.
    room?.takeIn()
    memberships.receive(frame)
  }

  function changed(act: () => void): void {
    act()
    update()
  }

  function update(): void {
    const before = snapshot
    snapshot = clientSnapshot(before, {
      link: link.state(),
      isLive: rooms.areLive,
      obstacle,
      unsent: outbox.size(),
    })
    if (snapshot === before) return
    if (snapshot.status !== before.status) events.tell('status', snapshot.status)
    batch.once(listeners.call)
  }

  if (connect) link.connect()
  return {
    api,
    get status() {
      return snapshot.status
    },
    get transport() {
      return snapshot.transport
    },
    getSnapshot: () => snapshot,
    getServerSnapshot: () => NOTHING_YET,
    subscribe: listeners.add,
    on(name, listener) {
      const stop = events.on(name, listener)
      const stopWanting = name === 'membership' ? memberships.want() : undefined
      return () => {
        stop()
        stopWanting?.()
      }
    },
    rooms: list.roomList,
    own: own.ownState,
    room: (id) => rooms.get(id).view,
    forget: rooms.forget,
    search: (text, filters) =>
      all((page) => api.search({ q: text, ...filters, ...page, limit: SEARCH_PAGE })),
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

/** Messages that a page of a search has at most. */
const SEARCH_PAGE = 20

/** As many as the server handles at once for one connection. */
const SUBSCRIBES_AT_ONCE = 256
