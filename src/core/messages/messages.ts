import { requireAllowed } from '../access.ts'
import { detailsProblem } from '../details/index.ts'
import { ChatError } from '../errors.ts'
import type { Changes } from '../events/index.ts'
import type { Feed } from '../feed/index.ts'
import {
  type MentionsGiven,
  mentionsAsked,
  mentionsProblem,
  notify,
  type ResolveMentions,
} from '../mentions/index.ts'
import type {
  AccessFacts,
  DetailsChange,
  HistoryPage,
  Message,
  MessageId,
  Revision,
  Seq,
  UserId,
  UserRef,
} from '../model.ts'
import type {
  HistoryShown,
  HistoryWhere,
  MessageLog,
  PageWanted,
  RevisionLog,
  RoomRegister,
  Signals,
} from '../ports.ts'
import { accessFactsIn, type RoomRef, retryOnConflict } from '../rooms/index.ts'
import { SERVERS_KIND, textProblem } from '../text/index.ts'
import { createSends, type SendsDeps, type SendsOptions } from './sends.ts'

export interface MessagesDeps extends SendsDeps {
  readonly store: MessageLog & RevisionLog & RoomRegister
  readonly feed: Feed
  /** Called when a message with attachments was deleted. */
  readonly onFilesGone: () => void
  readonly resolveMentions: ResolveMentions
  readonly signals: Signals
}

export interface MessagesOptions extends SendsOptions {}

export type Messages = ReturnType<typeof createMessages>

/** What is said in a room: sending, revising, reading. */
export function createMessages(
  { store, feed, resolveMentions, signals, onFilesGone, ...deps }: MessagesDeps,
  options: MessagesOptions,
) {
  const { spent, ...sends } = createSends(deps, options)

  function expectBudget(user: UserRef): void {
    const problem = spent(user)
    if (problem !== null) throw problem
  }

  async function readable(ref: RoomRef, user: UserRef | null): Promise<AccessFacts> {
    const access = await accessFactsIn(store, ref, user?.id ?? null)
    requireAllowed('read', access)
    return access
  }

  /**
   * @param reached whom its `@online` reaches; null if that stays
   * @param asRead whether the body is the one that the message has
   */
  async function revise(
    access: AccessFacts,
    user: UserRef,
    message: Message,
    body: string | null,
    details: DetailsChange | null = null,
    reached: readonly UserId[] | null = null,
    asRead = false,
  ): Promise<Message> {
    const { epoch } = feed
    const event = await store.revise(access, user.id, message, body, details, reached, asRead)
    if (event === null) throw new ChatError('not_found', 'Message not found')
    feed.commit(event.roomId, [event], epoch)
    if (body === null && message.details?.attachments !== undefined) onFilesGone()
    return event.message
  }

  async function target(ref: RoomRef, user: UserRef, at: { seq: Seq } | { id: MessageId }) {
    const access = await readable(ref, user)
    const message = await store.message(access.room.id, at)
    if (message === null || message.deletedAt !== null) throw new ChatError('not_found', 'Message not found')
    return { access, message }
  }

  return {
    ...sends,

    /**
     * Replaces the words of one's own message, and those of its details that are given, at the expense of the same budget as sending: it is
     * taken before this returns. If a message has attachments, its words may be empty.
     * @param body null if the words stay as they are; then so do the mentions, unless they are given
     * @throws ChatError `rate_limited`, `invalid`, `not_found`, `hidden`, `forbidden`
     */
    async edit(
      ref: RoomRef,
      user: UserRef,
      at: { seq: Seq } | { id: MessageId },
      body: string | null,
      details: DetailsChange | null = null,
      given?: MentionsGiven,
    ): Promise<Message> {
      expectBudget(user)
      if (body === null && details === null && given === undefined) {
        throw wrongBody('must be given, unless metadata or mentions are')
      }
      const problem = body === null ? null : textProblem(body, options.maxLength)
      // Files may stand alone; whether the message has any is not known yet.
      if (problem !== null && body !== '') throw wrongBody(problem)
      const other = details === null ? null : detailsProblem(details)
      if (other !== null) throw other
      const addressees = mentionsProblem(given)
      if (addressees !== null) throw new ChatError('invalid', addressees, { field: 'mentions' })
      return retryOnConflict(async () => {
        const { access, message } = await target(ref, user, at)
        requireAllowed('edit', access)
        if (!isOwn(message, user)) throw new ChatError('forbidden', 'Only its sender may edit a message')
        if (problem !== null && message.details?.attachments === undefined) throw wrongBody(problem)
        const asRead = body === null
        const text = body ?? message.body
        const before = message.details?.mentions ?? null
        if (asRead && given === undefined) return revise(access, user, message, text, details, null, asRead)
        const asked = mentionsAsked(text, given)
        if (asked === null && before === null)
          return revise(access, user, message, text, details, null, asRead)
        const { roomId, seq, sender, replyTo } = message
        const [found] =
          asked === null ? [] : await resolveMentions([{ roomId, sender, replyTo, asked, before }])
        const changed = { ...details, mentions: found?.mentions ?? null }
        const revised = await revise(access, user, message, text, changed, found?.reached, asRead)
        notify(signals, { roomId, seq, sender }, found?.notices ?? [])
        return revised
      })
    },

    /**
     * Leaves a tombstone in place of one's own message, or of anyone's if the user moderates the room. Takes from the budget as
     * `edit` does. @throws ChatError `rate_limited`, `not_found`, `hidden`, `forbidden`
     */
    async remove(ref: RoomRef, user: UserRef, at: { seq: Seq } | { id: MessageId }): Promise<Message> {
      expectBudget(user)
      return retryOnConflict(async () => {
        const { access, message } = await target(ref, user, at)
        requireAllowed(isOwn(message, user) ? 'edit' : 'moderate', access)
        return revise(access, user, message, null)
      })
    },

    /**
     * What a message said before it was edited, in order, after a number: for its sender, and for those who moderate the room. Nothing is
     * left of a deleted message. @throws ChatError `not_found`, `hidden`, `forbidden`
     */
    async revisions(ref: RoomRef, user: UserRef, seq: Seq, page: PageWanted): Promise<Revision[]> {
      const { access, message } = await target(ref, user, { seq })
      requireAllowed(isOwn(message, user) ? 'edit' : 'moderate', access)
      return store.revisionsOf(access.room.id, seq, page)
    },

    /** @param user null for a nameless reader, who sees what any outsider may see */
    async history(
      ref: RoomRef,
      user: UserRef | null,
      where: HistoryWhere,
      limit: number,
      show: HistoryShown = { tombstones: false },
    ): Promise<HistoryPage> {
      const { room } = await readable(ref, user)
      return store.history(room.id, where, limit, show)
    },

    /** Messages newest first by page number. Whether the reader must be a member is the contract's to ask. */
    async numbered(ref: RoomRef, user: UserRef, offset: number, limit: number) {
      const { room } = await readable(ref, user)
      return store.numberedPage(room.id, offset, limit)
    },

    /** The number of a message that a page is to begin or end at. @throws ChatError `invalid` if it is not in the room */
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

function wrongBody(problem: string): ChatError {
  return new ChatError('invalid', problem, { field: 'body' })
}

/** What the server tells of a member's act is nobody's own. */
function isOwn(message: Message, user: UserRef): boolean {
  return message.sender.id === user.id && message.kind !== SERVERS_KIND
}
