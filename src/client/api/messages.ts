import type {
  ChangesPage,
  FollowedThread,
  FoundMessages,
  Message,
  MessagePage,
  Metadata,
  NewEphemeral,
  NewMentions,
  NewMessage,
  OwnThread,
  Pinned,
  PinnedPage,
  Reacted,
  ReactionPage,
  RevisionPage,
  Seq,
  ThreadPage,
  Told,
} from '../wire.ts'
import type { Http } from './http.ts'
import type { Page, PageQuery } from './page.ts'

export interface SearchFilters {
  room?: number
  /** A user's id, or `me`. */
  sender?: number | 'me'
  /** Only messages with files. */
  has?: 'file'
  /** Only messages that were sent before this time. */
  before?: Date
  /** Only messages that were sent at this time or later. */
  after?: Date
}

export interface SearchQuery extends SearchFilters {
  /** Words, and phrases in double quotes. Without it, all messages that the filters leave. */
  q?: string
  /** 1 to 100, 20 by default. */
  limit?: number
  /** The `next` of the page before. */
  cursor?: string
}

export interface MessagesQuery extends PageQuery {
  /** At most one of `before`, `after` and `around`, or a cursor; without any of them, the latest page. */
  before?: Seq
  after?: Seq
  around?: Seq
  /** Whether to include deleted messages, without their text. */
  tombstones?: boolean
}

/** Messages of rooms, for programs that do not follow them. */
export function messageCalls({ call }: Http) {
  const path = (room: number) => `/rooms/${room}/messages`
  return {
    messages: {
      /** Oldest first; `prev` and `next` are the cursors of the neighbouring pages. */
      page: (room: number, query: MessagesQuery = {}) => call<MessagePage>('GET', path(room), { query }),
      get: (room: number, seq: Seq) => call<Message>('GET', `${path(room)}/${seq}`),
      /** @param idempotencyKey use the same key for every retry, so that there is only one message */
      send: (room: number, body: NewMessage, idempotencyKey?: string) =>
        call<Message>('POST', path(room), { body, idempotencyKey }),
      /**
       * @param body undefined keeps the present text
       * @param details `metadata` replaces the message's, and null removes it; without it the metadata stays
       */
      edit: (
        room: number,
        seq: Seq,
        body: string | undefined,
        details: { metadata?: Metadata | null; mentions?: NewMentions } = {},
      ) => call<Message>('PATCH', `${path(room)}/${seq}`, { body: { body, ...details } }),
      /** What a message said before it was edited, oldest first: for its sender, and the owner and admins of the room. */
      revisions: (room: number, seq: Seq, query: PageQuery = {}) =>
        call<RevisionPage>('GET', `${path(room)}/${seq}/revisions`, { query }),
      delete: (room: number, seq: Seq) => call<Message>('DELETE', `${path(room)}/${seq}`),
      /** Says something to one member alone; it is not stored. */
      tell: (room: number, body: NewEphemeral) => call<Told>('POST', `/rooms/${room}/ephemeral`, { body }),
      /** Adds one of the user's reactions to a message, or removes it. */
      react: (room: number, seq: Seq, reaction: string, on: boolean) =>
        call<Reacted>(
          on ? 'PUT' : 'DELETE',
          `${path(room)}/${seq}/reactions/${encodeURIComponent(reaction)}`,
        ),
      /** Lists who reacts to a message, in the order of time: in every way, or in one. */
      reactions: (room: number, seq: Seq, query: PageQuery & { reaction?: string } = {}) =>
        call<ReactionPage>('GET', `${path(room)}/${seq}/reactions`, { query }),
    },
    pins: {
      /** The pinned messages of a room, the latest pinned first. */
      list: (room: number, query: PageQuery = {}) =>
        call<PinnedPage>('GET', `/rooms/${room}/pins`, { query }),
      /** Pins a message, or unpins it: for the owner and the admins of a room, and both users of a direct chat. */
      set: (room: number, seq: Seq, on: boolean) =>
        call<Pinned>(on ? 'PUT' : 'DELETE', `${path(room)}/${seq}/pin`),
    },
    /**
     * Finds messages by their words, the newest first. A page may have fewer than `limit`, or none, and yet a `next`.
     */
    search: ({ before, after, ...query }: SearchQuery) =>
      call<FoundMessages>('GET', '/search', {
        query: { ...query, before: before?.toISOString(), after: after?.toISOString() },
      }),
    threads: {
      /** The thread of a message, which may be any of it, with a page of its replies, oldest first. */
      get: (room: number, seq: Seq, query: MessagesQuery = {}) =>
        call<ThreadPage>('GET', `${path(room)}/${seq}/thread`, { query }),
      /** Follows the thread of a message, or stops to. */
      follow: (room: number, seq: Seq, on: boolean) =>
        call<OwnThread>(on ? 'PUT' : 'DELETE', `${path(room)}/${seq}/thread/follow`),
      /** Moves the user's mark in the thread forward, to the number `read`. */
      read: (room: number, seq: Seq, read: Seq) =>
        call<OwnThread>('PUT', `${path(room)}/${seq}/thread/read`, { body: { seq: read } }),
      /** The threads that the user follows, the one with the latest reply first. */
      followed: (query: PageQuery = {}) => call<Page<FollowedThread>>('GET', '/me/threads', { query }),
    },
    /** The changes of a room after a number, compacted. */
    changes: (room: number, query: PageQuery & { after?: Seq } = {}) =>
      call<ChangesPage>('GET', `/rooms/${room}/changes`, { query }),
  }
}
