import type {
  FoundRooms,
  Invitation,
  Marked,
  MarksPut,
  Member,
  NewRoom,
  Notifications,
  NotificationsPut,
  Presence,
  Role,
  Room,
  RoomPatch,
  Seq,
  Snapshot,
  UserRef,
} from '../wire.ts'
import type { Http } from './http.ts'
import type { Page, PageQuery } from './page.ts'

/** Rooms, members and invitations. */
export function roomCalls({ call }: Http) {
  const path = (room: number) => `/rooms/${room}`
  const notificationsOf = (room: number, thread?: Seq) =>
    `${path(room)}${thread === undefined ? '' : `/messages/${thread}/thread`}/notifications`
  return {
    rooms: {
      /** @param query `scope`: the rooms that the user is in by default */
      list: (query: PageQuery & { scope?: 'joined' | 'public' | 'invited' | 'direct' } = {}) =>
        call<Page<Room>>('GET', '/rooms', { query }),
      /**
       * Finds rooms whose names begin with `name`, whatever the case: public ones, and the caller's own. There is one page, sorted by
       * name; a longer `name` finds the others.
       * @param name 1 to 100 characters
       */
      search: (name: string, query: Pick<PageQuery, 'limit'> = {}) =>
        call<FoundRooms>('GET', '/search/rooms', { query: { name, ...query } }),
      create: (body: NewRoom) => call<Room>('POST', '/rooms', { body }),
      get: (room: number) => call<Room>('GET', path(room)),
      update: (room: number, body: RoomPatch) => call<Room>('PATCH', path(room), { body }),
      delete: (room: number) => call<void>('DELETE', path(room)),
      join: (room: number) => call<Room>('PUT', `${path(room)}/members/me`),
      leave: (room: number) => call<void>('DELETE', `${path(room)}/members/me`),
      /** @param messages 0 to 200, 50 by default */
      snapshot: (room: number, messages?: number) =>
        call<Snapshot>('GET', `${path(room)}/snapshot`, { query: { messages } }),
      presence: (room: number) => call<Presence>('GET', `${path(room)}/presence`),
      /** What the caller wants to be notified of in the room, or in the thread of a message. */
      notifications: (room: number, thread?: Seq) =>
        call<Notifications>('GET', notificationsOf(room, thread)),
      setNotifications: (room: number, body: NotificationsPut, thread?: Seq) =>
        call<Notifications>('PUT', notificationsOf(room, thread), { body }),
      /** Lets the thread of a message notify the caller as its room does. */
      unsetNotifications: (room: number, thread: Seq) =>
        call<Notifications>('DELETE', notificationsOf(room, thread)),
      /** Moves the caller's marks. A mark that is left out stays; marks only move forward. */
      mark: (room: number, body: MarksPut) => call<Marked>('PUT', `${path(room)}/marks`, { body }),
      /** Marks the messages from a number on as unread, for the caller alone, until they are read again. */
      markUnread: (room: number, seq: Seq) =>
        call<Marked>('PUT', `${path(room)}/marks/unread`, { body: { seq } }),
    },
    members: {
      list: (room: number, query: PageQuery = {}) =>
        call<Page<Member>>('GET', `${path(room)}/members`, { query }),
      get: (room: number, user: number | 'me') => call<Member>('GET', `${path(room)}/members/${user}`),
      /** @param role `owner` hands ownership over */
      setRole: (room: number, user: number, role: Role) =>
        call<Member>('PATCH', `${path(room)}/members/${user}`, { body: { role } }),
      remove: (room: number, user: number) => call<void>('DELETE', `${path(room)}/members/${user}`),
    },
    invitations: {
      list: (room: number, query: PageQuery = {}) =>
        call<Page<Invitation>>('GET', `${path(room)}/invitations`, { query }),
      /** Resolves to the users who were newly invited. */
      invite: (room: number, users: readonly number[]) =>
        call<{ items: UserRef[] }>('POST', `${path(room)}/invitations`, { body: { users } }),
      withdraw: (room: number, user: number) => call<void>('DELETE', `${path(room)}/invitations/${user}`),
      decline: (room: number) => call<void>('DELETE', `${path(room)}/invitations/me`),
    },
  }
}
