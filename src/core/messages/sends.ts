import type { ChatError } from '../errors.ts'
import type { Message, RoomId, UserRef } from '../model.ts'
import type { SendBudget } from '../ports.ts'
import type { Membership, RoomRef, Rooms } from '../rooms/index.ts'
import type { Committer } from './committer.ts'
import { createKeys } from './idempotency-keys.ts'
import { messageProblem } from './message-problem.ts'
import type { SendReply } from './send-reply.ts'
import { type NewMessage, Sending } from './sending.ts'
import { spend } from './spend.ts'

export interface SendsDeps {
  readonly committer: Committer
  readonly budget: SendBudget
  readonly rooms: Pick<Rooms, 'visible'>
  readonly membership: Pick<Membership, 'join'>
}

export interface SendsOptions {
  /** The most characters (code points) of a message. */
  readonly maxLength: number
  /** A listener that was told of a send threw. */
  readonly onFault: (error: unknown) => void
}

/**
 * Sending, for every contract: the sender's budget, what a message may be, the idempotency key, and who learns that a room
 * exists. Contracts add nothing to it but their own names for the parts of a message.
 */
export function createSends({ committer, budget, rooms, membership }: SendsDeps, options: SendsOptions) {
  const { maxLength, onFault } = options
  const shared = {
    newKey: createKeys(),
    visible: (id: RoomId, user: UserRef) => rooms.visible({ id }, user.id),
    onFault,
  }

  /** Takes one from the user's budget. @returns why there was none, or null */
  function spent(user: UserRef): ChatError | null {
    return spend(budget, user)
  }

  function enqueue<Tag>(
    room: RoomId,
    sender: UserRef,
    message: NewMessage,
    reply: SendReply<Tag>,
    tag: Tag,
  ): void {
    const sending = new Sending(shared, room, sender, message, reply, tag)
    committer.enqueue(sending, sending)
  }

  const self = {
    /**
     * Sends a message to a room; the reply is told once it is durable, or refused. Nothing is shown to anyone before. Synchronous
     * up to the queue, without a promise. Whether the sender may write is decided by the database, in the same transaction.
     *
     * The reply is told of `rate_limited`, `invalid` (with `field` `body`, `kind`, `key`, `replyTo`, `inRoom` or one of the details), `not_found`, `hidden`, `forbidden`,
     * `conflict` for a key that belongs to a message in another room, `overloaded` and `unavailable`.
     * @param tag handed back to the reply
     * @returns false if the sender's budget is spent: then nothing of the message was looked at
     */
    send<Tag>(room: RoomId, sender: UserRef, message: NewMessage, reply: SendReply<Tag>, tag: Tag): boolean {
      const tooMany = spent(sender)
      const problem = tooMany ?? messageProblem(message, maxLength)
      if (problem === null) enqueue(room, sender, message, reply, tag)
      else reply.rejected(problem, tag)
      return tooMany === null
    },

    /** Sends, for callers that have a promise anyway: the budget is taken before this returns. @throws ChatError as `send` tells it */
    post(room: RoomId, { id, username }: UserRef, message: NewMessage): Promise<Message> {
      return new Promise((sent, rejected) => {
        self.send(room, { id, username }, message, { sent, rejected }, undefined)
      })
    },

    /** Sends to a room that the sender is in or may enter, which they then join first. @throws ChatError as `send` tells it */
    async joinAndPost(ref: RoomRef, { id, username }: UserRef, message: NewMessage): Promise<Message> {
      const sender = { id, username }
      const problem = spent(sender) ?? messageProblem(message, maxLength)
      if (problem !== null) throw problem
      const { room } = await membership.join(ref, sender)
      return new Promise((sent, rejected) => enqueue(room.id, sender, message, { sent, rejected }, undefined))
    },

    /** How many messages, edits and deletions the user may send now, at once. */
    remaining(user: UserRef): number {
      return budget.left(user.id)
    },
  }
  return { ...self, spent }
}
