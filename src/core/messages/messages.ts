import { requireAllowed } from '../access.ts'
import { ChatError } from '../errors.ts'
import type { Feed } from '../feed/index.ts'
import type { Changes, HistoryPage, Message, MessageId, Seq, Standing, UserRef } from '../model.ts'
import type { Draft, HistoryWhere, MessageLog, RoomRegister } from '../ports.ts'
import { type RoomRef, retryStale, standingIn } from '../rooms/index.ts'
import { formProblem, lengthProblem, textProblem } from '../text.ts'
import type { SendReply } from './batches.ts'
import type { Committer } from './committer.ts'
import { createKeys } from './idempotency-keys.ts'

export interface MessagesOptions {
  /** The most characters (code points) of a message. */
  readonly maxLength: number
}

/** Which part of a message is refused, and why; contracts have their own names for the parts. */
export interface MessageProblem {
  readonly part: 'body' | 'kind' | 'key'
  readonly text: string
}

export type Messages = ReturnType<typeof createMessages>

/** What is said in a room: sending, revising, reading. */
export function createMessages(
  store: MessageLog & RoomRegister,
  committer: Committer,
  feed: Feed,
  options: MessagesOptions,
) {
  async function readable(ref: RoomRef, user: UserRef | null): Promise<Standing> {
    const standing = await standingIn(store, ref, user?.id ?? null)
    requireAllowed('read', standing)
    return standing
  }

  async function revise(
    standing: Standing,
    user: UserRef,
    message: Message,
    body: string | null,
  ): Promise<Message> {
    const event = await store.revise(standing, user.id, message, body)
    if (event === null) throw new ChatError('not_found', 'Message not found')
    feed.commit(event.roomId, [event])
    return event.message
  }

  async function target(ref: RoomRef, user: UserRef, at: { seq: Seq } | { id: MessageId }) {
    const standing = await readable(ref, user)
    const message = await store.message(standing.room.id, at)
    if (message === null || message.deletedAt !== null) throw new ChatError('not_found', 'Message not found')
    return { standing, message }
  }

  const keys = createKeys()

  return {
    /** An idempotency key for a send whose client gave none: it serves the server's own repetitions. */
    key: keys,

    /** Why a message would be refused, or null: what contracts check before they spend anything on it. */
    problem(body: string, kind: string): MessageProblem | null {
      const text = textProblem(body, options.maxLength)
      if (text !== null) return { part: 'body', text }
      const other = kindProblem(kind)
      return other === null ? null : { part: 'kind', text: other }
    },

    /**
     * Sends; the reply is told once it is durable, or refused. Nothing is shown to anyone before. Synchronous up to the queue.
     * Whether the sender may write is decided by the database, in the same transaction.
     */
    send(draft: Draft, reply: SendReply): void {
      const problem = this.problem(draft.body, draft.kind) ?? keyProblem(draft.clientId)
      if (problem === null) committer.send(draft, reply)
      else reply.refused(new ChatError('invalid', problem.text, { field: problem.part }))
    },

    /** The same as a promise, for callers that have one anyway. */
    post(draft: Draft): Promise<Message> {
      return new Promise((sent, refused) => this.send(draft, { sent, refused }))
    },

    /** Replaces the words of one's own message. @throws ChatError `not_found`, `hidden`, `forbidden`, `invalid` */
    edit(ref: RoomRef, user: UserRef, at: { seq: Seq } | { id: MessageId }, body: string): Promise<Message> {
      const problem = textProblem(body, options.maxLength)
      if (problem !== null) throw new ChatError('invalid', problem, { field: 'body' })
      return retryStale(async () => {
        const { standing, message } = await target(ref, user, at)
        requireAllowed('edit', standing)
        if (!isOwn(message, user)) throw new ChatError('forbidden', 'Only its sender may edit a message')
        return revise(standing, user, message, body)
      })
    },

    /** Leaves a tombstone. One's own message, or anyone's for who moderates the room. */
    remove(ref: RoomRef, user: UserRef, at: { seq: Seq } | { id: MessageId }): Promise<Message> {
      return retryStale(async () => {
        const { standing, message } = await target(ref, user, at)
        requireAllowed(isOwn(message, user) ? 'edit' : 'moderate', standing)
        return revise(standing, user, message, null)
      })
    },

    /** @param user null for a reader without a name, who sees what any outsider may */
    async history(
      ref: RoomRef,
      user: UserRef | null,
      where: HistoryWhere,
      limit: number,
      show = { tombstones: false },
    ): Promise<HistoryPage> {
      const { room } = await readable(ref, user)
      return store.history(room.id, where, limit, show)
    },

    /** Messages newest first by page number. Whether the reader must be a member is the contract's to ask. */
    async numbered(ref: RoomRef, user: UserRef, offset: number, limit: number) {
      const { room } = await readable(ref, user)
      return store.numberedPage(room.id, offset, limit)
    },

    /** The number of a message that a page is to begin or end at. @throws ChatError `invalid` where it is not in the room */
    async place(ref: RoomRef, user: UserRef | null, id: MessageId): Promise<Seq> {
      const { room } = await readable(ref, user)
      const message = await store.message(room.id, { id })
      if (message === null)
        throw new ChatError('invalid', 'No such message in this room', { field: 'before' })
      return message.seq
    },

    /** What was sent or changed after a number, compacted. */
    async changes(ref: RoomRef, user: UserRef, after: Seq, limit: number): Promise<Changes> {
      const { room } = await readable(ref, user)
      const changes = await store.changes(room.id, after, limit)
      if (changes === null) throw new ChatError('not_found', 'Room not found')
      return changes
    },
  }
}

function isOwn(message: Message, user: UserRef): boolean {
  return message.sender.id === user.id
}

/** The server's own kind may not be sent. */
function kindProblem(kind: string): string | null {
  if (!/^[a-z][a-z0-9_-]{0,31}$/.test(kind)) return 'must be a lower-case word of at most 32 characters'
  return kind === 'system' ? 'must not be "system", which is the server\'s' : null
}

function keyProblem(clientId: string): MessageProblem | null {
  const text = clientId === '' ? 'must not be empty' : (lengthProblem(clientId, 128) ?? formProblem(clientId))
  return text === null ? null : { part: 'key', text }
}
