import { createClientIds } from '../client-ids.ts'
import type { Environment } from '../environment.ts'
import { ParleyError } from '../errors.ts'
import type { Line } from '../link/index.ts'
import type { Pending } from '../view/index.ts'
import type { Message, Metadata, Seq } from '../wire.ts'
import { createItem, type Item, pendingOf, type SendHandle } from './handle.ts'
import { createRoomQueue, type RoomQueue } from './room-queue.ts'
import type { OutboxEntry, OutboxStorage } from './storage.ts'

export interface Draft {
  readonly body: string
  readonly kind: string
  readonly replyTo: Seq | null
  readonly metadata?: Metadata
  /** Ids of the user's uploads to the room. */
  readonly attachments?: readonly number[]
  readonly inRoom?: boolean
}

/** The most messages that may wait to be sent. */
const LIMIT = 1000

/**
 * The messages that are being sent. Each is kept until the server has stored or finally refused it, however often the connection is
 * lost.
 */
export function createOutbox(
  storage: OutboxStorage,
  line: Line,
  env: Environment,
  on: {
    queued(room: number, pending: Pending): void
    changed(room: number, clientId: string, change: Partial<Pending>): void
  },
) {
  const { clock, log } = env
  const nextId = createClientIds(clock.now)
  const queues = new Map<number, RoomQueue>()
  let user: number | null = null
  let isReady = false
  let count = 0
  let isLoaded = false
  let storing: Promise<unknown> = load()

  async function load(): Promise<void> {
    const stored = await storage.load().catch((error: unknown) => {
      log('error', 'The outbox could not be read', { error })
      return []
    })
    const sorted = [...stored].sort((a, b) => (a.clientId < b.clientId ? -1 : 1))
    const byRoom = new Map<number, Item[]>()
    for (const entry of sorted) {
      const item = createItem(entry)
      byRoom.get(entry.room)?.push(item) ?? byRoom.set(entry.room, [item])
    }
    for (const [room, items] of byRoom) {
      count += items.length
      queueOf(room).restore(items)
      for (const item of items) if (isOwn(item)) on.queued(room, pendingOf(item))
    }
    isLoaded = true
    resume()
  }

  function speaker(): number | null {
    return isReady && isLoaded ? user : null
  }

  /** One operation after another, so that nothing is stored after its removal. A failure is logged, and the message is still sent. */
  function store(act: () => Promise<void>): void {
    storing = storing.then(act).catch((error: unknown) => {
      log('error', 'The outbox could not be written', { error })
    })
  }

  function queueOf(room: number): RoomQueue {
    const present = queues.get(room)
    if (present) return present
    const queue = createRoomQueue(line, env, {
      speaker,
      changed: (item, change) => on.changed(room, item.clientId, change),
      finished(item) {
        count--
        store(() => storage.remove(item.clientId))
        if (queue.items().length === 0) queues.delete(room)
      },
    })
    queues.set(room, queue)
    return queue
  }

  function isOwn({ entry }: Item): boolean {
    return entry.user === user || entry.user === null || user === null
  }

  function resume(): void {
    const by = speaker()
    for (const queue of [...queues.values()]) {
      if (by !== null) for (const item of queue.items()) claim(item, by)
      queue.resume()
    }
  }

  /** Messages written before anybody had signed in belong to the first user who does. */
  function claim(item: Item, by: number): void {
    if (item.entry.user !== null) return
    item.entry = { ...item.entry, user: by }
    const { entry } = item
    store(() => storage.put(entry))
  }

  function refuse(room: number, item: Item): SendHandle {
    const error = new ParleyError('overloaded', `${LIMIT} messages wait to be sent`, { retryable: true })
    item.status = 'failed'
    on.changed(room, item.clientId, { status: 'failed', error })
    item.settle(error)
    return item
  }

  return {
    send(room: number, draft: Draft): SendHandle {
      const entry: OutboxEntry = { clientId: nextId(), room, ...draft, queuedAt: clock.now(), user }
      const item = createItem(entry)
      const isTooMany = count >= LIMIT
      if (!isTooMany) count++
      on.queued(room, pendingOf(item))
      if (isTooMany) return refuse(room, item)
      store(() => storage.put(entry))
      queueOf(room).add(item)
      return item
    },

    /** Called when there is a connection on which the user `id` is identified. */
    online(id: number): void {
      user = id
      isReady = true
      resume()
    },

    offline(): void {
      isReady = false
      resume()
    },

    /** Returns what the signed-in user has yet to send to a room. */
    pending: (room: number): readonly Pending[] =>
      (queues.get(room)?.items() ?? []).filter(isOwn).map(pendingOf),

    /** Called when a message of the user has arrived in its room. */
    seen(message: Message): void {
      queues.get(message.room)?.seen(message)
    },

    /** Messages that the server does not have yet. */
    size: () => count,

    /** Closes the outbox; callers are released. What is stored stays; resolves once everything is stored. */
    async close(): Promise<void> {
      isReady = false
      resume()
      for (const queue of queues.values()) {
        const error = new ParleyError('stopped', 'The client is closed; the message is in the outbox')
        for (const item of queue.items()) item.settle(error)
      }
      await storing
    },
  }
}

export type Outbox = ReturnType<typeof createOutbox>
