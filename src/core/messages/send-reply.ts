import type { Message } from '../model.ts'

/**
 * Told exactly once what became of each send. Synchronous, so that no promise is made per message.
 * @typeParam Tag what the sender tells its sends apart by
 */
export interface SendReply<Tag = void> {
  /** It is durable. For a repeated idempotency key this is the first result. */
  sent(message: Message, tag: Tag): void
  /** A ChatError, or a fault of the server. */
  rejected(error: Error, tag: Tag): void
}
