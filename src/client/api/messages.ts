import type { ChangesPage, Message, MessagePage, NewMessage, Seq } from '../wire.ts'
import type { Http } from './http.ts'
import type { PageQuery } from './page.ts'

export interface MessagesQuery extends PageQuery {
  /** At most one of these, or a cursor; without any, the latest page. */
  before?: Seq
  after?: Seq
  around?: Seq
  /** Whether deleted messages are there, too, without their text. */
  tombstones?: boolean
}

/** What is said in rooms, for programs that follow none. */
export function messageCalls({ call }: Http) {
  const path = (room: number) => `/rooms/${room}/messages`
  return {
    messages: {
      /** Oldest first; `prev` and `next` are the cursors of the neighbouring pages. */
      page: (room: number, query: MessagesQuery = {}) => call<MessagePage>('GET', path(room), { query }),
      get: (room: number, seq: Seq) => call<Message>('GET', `${path(room)}/${seq}`),
      /** @param idempotencyKey keep it for every further attempt: then there is one message */
      send: (room: number, body: NewMessage, idempotencyKey?: string) =>
        call<Message>('POST', path(room), { body, idempotencyKey }),
      edit: (room: number, seq: Seq, body: string) =>
        call<Message>('PATCH', `${path(room)}/${seq}`, { body: { body } }),
      delete: (room: number, seq: Seq) => call<Message>('DELETE', `${path(room)}/${seq}`),
    },
    /** What has happened in a room after a number, compacted. */
    changes: (room: number, query: PageQuery & { after?: Seq } = {}) =>
      call<ChangesPage>('GET', `/rooms/${room}/changes`, { query }),
  }
}
