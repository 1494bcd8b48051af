import { requireAllowed } from '../access.ts'
import { ChatError } from '../errors.ts'
import type { Message, MessageId, RoomId, UserId } from '../model.ts'
import type { Clock, Limiter, RoomRegister, SearchIndex } from '../ports.ts'
import { accessFactsIn } from '../rooms/index.ts'
import { PAGE_TEXT } from '../text-bounds.ts'
import { containsAll, type ExcerptPart, excerptOf } from './excerpt.ts'
import { createGate } from './gate.ts'
import { NO_WORDS, queryOf } from './query.ts'

export interface SearchDeps {
  readonly store: SearchIndex & Pick<RoomRegister, 'accessFacts'>
  readonly limiter: Limiter
  readonly clock: Pick<Clock, 'ticks'>
}

export interface SearchAsked {
  /** Words and phrases; null for all messages that the filters leave. */
  readonly text: string | null
  readonly room: RoomId | null
  readonly sender: UserId | null
  /** Whether only messages with files are wanted. */
  readonly files: boolean
  /** Sent then or later. */
  readonly from: Date | null
  /** Sent before. */
  readonly until: Date | null
  /** Where the last page says to go on; null for the first. */
  readonly below: MessageId | null
  readonly limit: number
}

export interface Hit {
  readonly message: Message
  readonly excerpt: readonly ExcerptPart[]
}

export interface Hits {
  /** The newest first. There may be fewer than wanted, with more to come. */
  readonly hits: readonly Hit[]
  /** Where the next page begins; null for the last page. */
  readonly below: MessageId | null
}

/** Searches of one node that read from the database at once. */
const AT_ONCE = 2
/** Milliseconds after which a page ends with what it has. */
const PAGE_MS = 20
/** The most messages that are read at once. */
const MOST_READ = 500

/** Searches in messages. */
export function createSearch({ store, limiter, clock }: SearchDeps) {
  const gate = createGate(AT_ONCE)

  return {
    /**
     * Finds messages in the rooms that the user may read: public ones, and those that the user is a member of.
     * @throws ChatError `invalid` for the field `q`, `rate_limited`, `overloaded`, and for the room `not_found`, `hidden`, `forbidden`
     */
    async messages(user: UserId, asked: SearchAsked): Promise<Hits> {
      const { room, sender, files, from, until, limit } = asked
      const query = asked.text === null ? NO_WORDS : queryOf(asked.text)
      const { waitMs } = await limiter.take('search_user', String(user))
      if (waitMs > 0)
        throw new ChatError('rate_limited', 'Too many searches, try again later', { retryAfterMs: waitMs })
      if (room !== null) requireAllowed('read', await accessFactsIn(store, { id: room }, user))
      const { grams, some, terms } = query
      const began = clock.ticks()
      return gate.pass(async () => {
        const hits: Hit[] = []
        let { below } = asked
        let text = 0
        // Where little of what is read is a hit, more is read at once.
        for (let most = limit; ; most = Math.min(most * 4, MOST_READ)) {
          const found = await store.findMessages({
            user,
            grams,
            some,
            room,
            sender,
            files,
            from,
            until,
            below,
            limit: most,
          })
          for (const message of found.messages) {
            if (!isWithin(message, from, until) || !containsAll(message.body, terms)) continue
            hits.push({ message, excerpt: excerptOf(message.body, terms) })
            text += message.body.length
            if (hits.length >= limit || text >= PAGE_TEXT) return { hits, below: message.id }
          }
          below = found.below
          if (below === null || clock.ticks() - began > PAGE_MS) return { hits, below }
        }
      })
    },
  }
}

/** The store's bounds are not exact. */
function isWithin({ createdAt }: Message, from: Date | null, until: Date | null): boolean {
  return (from === null || createdAt >= from) && (until === null || createdAt < until)
}
