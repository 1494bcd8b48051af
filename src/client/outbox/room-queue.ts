import { backoff } from '../backoff.ts'
import type { Environment } from '../environment.ts'
import { badAnswer, ParleyError } from '../errors.ts'
import type { Line, Outcome } from '../link/index.ts'
import type { Pending } from '../view/index.ts'
import { type ClientFrame, isSent, type Message } from '../wire.ts'
import type { Item } from './handle.ts'
import type { OutboxEntry } from './storage.ts'

export interface RoomQueueEvents {
  /** The user who can send now; null if nobody can. */
  speaker(): number | null
  changed(item: Item, change: Partial<Pending>): void
  /** Called when the entry has left the queue, sent or failed. */
  finished(item: Item): void
}

/**
 * The messages of one room, sent one at a time. The next one is sent only when the server has stored or refused the one before, so that
 * their order holds however often each is sent.
 */
export function createRoomQueue(line: Line, { clock, random }: Environment, on: RoomQueueEvents) {
  const items: Item[] = []
  let isBusy = false
  let failures = 0
  let cancelRetry: (() => void) | null = null

  function pump(): void {
    const user = on.speaker()
    const item = items.find(({ entry }) => entry.user === user)
    if (user === null || isBusy || cancelRetry !== null || item === undefined) return
    isBusy = true
    change(item, { status: 'sending' })
    line.ask(frameOf(item.entry), (outcome) => {
      isBusy = false
      if (items.includes(item)) answered(item, outcome)
      else pump()
    })
  }

  function answered(item: Item, outcome: Outcome): void {
    if (outcome instanceof ParleyError) {
      rejected(item, outcome)
    } else if (isSent(outcome)) {
      finish(item, { status: 'sent', seq: outcome.seq, error: null })
      item.settle(outcome)
      pump()
    } else {
      rejected(item, badAnswer())
    }
  }

  function rejected(item: Item, error: ParleyError): void {
    // The link handles a user who is signed out: the message waits until the user signs in again.
    if (error.retryable || error.code === 'unauthenticated') {
      again(item, error)
    } else {
      finish(item, { status: 'failed', error })
      item.settle(error)
      pump()
    }
  }

  function again(item: Item, error: ParleyError): void {
    change(item, { status: 'queued', error })
    if (error.code === 'disconnected') return
    const delayMs = Math.max(error.retryAfterMs, backoff(failures++, random))
    cancelRetry = clock.after(delayMs, () => {
      cancelRetry = null
      pump()
    })
  }

  function finish(item: Item, change_: Partial<Pending>): void {
    failures = 0
    items.splice(items.indexOf(item), 1)
    on.finished(item)
    change(item, change_)
  }

  function change(item: Item, change_: Partial<Pending>): void {
    item.status = change_.status ?? item.status
    on.changed(item, change_)
  }

  return {
    items: (): readonly Item[] => items,
    add(item: Item): void {
      items.push(item)
      pump()
    },
    /** Puts stored entries before those that were written since. */
    restore(stored: readonly Item[]): void {
      items.unshift(...stored)
    },
    /** The message is in the room already: no need to wait for the response. */
    seen({ room, seq, id: message, client_id, created_at }: Message): void {
      const item = items.find(({ clientId }) => clientId === client_id)
      if (!item) return
      finish(item, { status: 'sent', seq, error: null })
      item.settle({ room, seq, message, client_id, created_at })
      pump()
    },
    /** The user who can send now has changed: postponed messages wait no longer. */
    resume(): void {
      cancelRetry?.()
      cancelRetry = null
      failures = 0
      pump()
    },
  }
}

export type RoomQueue = ReturnType<typeof createRoomQueue>

function frameOf(entry: OutboxEntry): ClientFrame {
  const { room, body, kind, replyTo, metadata, attachments, mentions, inRoom, clientId } = entry
  return {
    type: 'send',
    room,
    body,
    kind,
    client_id: clientId,
    ...(replyTo === null ? {} : { reply_to: replyTo }),
    ...(metadata === undefined ? {} : { metadata }),
    ...(attachments === undefined ? {} : { attachments: [...attachments] }),
    ...(mentions === undefined ? {} : { mentions }),
    ...(inRoom === undefined ? {} : { in_room: inRoom }),
  }
}
