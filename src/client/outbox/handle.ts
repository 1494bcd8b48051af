import { deferred } from '../deferred.ts'
import { ParleyError } from '../errors.ts'
import type { Pending, SendStatus } from '../view/index.ts'
import type { Sent } from '../wire.ts'
import type { OutboxEntry } from './storage.ts'

/** A message that is being sent. */
export interface SendHandle {
  readonly clientId: string
  readonly status: SendStatus
  /** Resolves once the message is durable; rejects with a `ParleyError` when it never will be. */
  readonly done: Promise<Sent>
}

/** An entry of the outbox, with the promise of its callers. */
export interface Item extends SendHandle {
  entry: OutboxEntry
  status: SendStatus
  settle(outcome: Sent | ParleyError): void
}

export function createItem(entry: OutboxEntry): Item {
  const { promise, resolve, reject } = deferred<Sent>()
  // Nobody has to wait for the promise: the view also shows the failure.
  promise.catch(() => undefined)
  return {
    clientId: entry.clientId,
    entry,
    status: 'queued',
    done: promise,
    settle(outcome) {
      if (outcome instanceof ParleyError) reject(outcome)
      else resolve(outcome)
    },
  }
}

export function pendingOf({ entry, status }: Item): Pending {
  const { room: _, user: __, ...shown } = entry
  return { ...shown, status, seq: null, error: null }
}
