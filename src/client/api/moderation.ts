import type {
  AuditEntry,
  BlockedUser,
  Report,
  Reported,
  ReportOutcome,
  Restrained,
  RestraintPut,
  Seq,
} from '../wire.ts'
import type { Http } from './http.ts'
import type { Page, PageQuery } from './page.ts'

/** What the staff of rooms does, what members report to it, and whom the user blocks. */
export function moderationCalls({ call }: Http) {
  const path = (room: number, what: string) => `/rooms/${room}/${what}`
  return {
    /** For the owner and the admins of a room, of those below them. */
    moderation: {
      bans: (room: number, query: PageQuery = {}) =>
        call<Page<Restrained>>('GET', path(room, 'bans'), { query }),
      /** Keeps a user out of the room, and ends a membership or an invitation. */
      ban: (room: number, user: number, body: RestraintPut = {}) =>
        call<void>('PUT', path(room, `bans/${user}`), { body }),
      unban: (room: number, user: number) => call<void>('DELETE', path(room, `bans/${user}`)),
      mutes: (room: number, query: PageQuery = {}) =>
        call<Page<Restrained>>('GET', path(room, 'mutes'), { query }),
      /** Lets a member neither send, edit, react nor type. */
      mute: (room: number, user: number, body: RestraintPut = {}) =>
        call<void>('PUT', path(room, `mutes/${user}`), { body }),
      unmute: (room: number, user: number) => call<void>('DELETE', path(room, `mutes/${user}`)),
      /** @param query `all`: closed reports, too */
      reports: (room: number, query: PageQuery & { all?: boolean } = {}) =>
        call<Page<Report>>('GET', path(room, 'reports'), { query }),
      resolve: (room: number, report: number, outcome: ReportOutcome) =>
        call<Report>('PUT', path(room, `reports/${report}`), { body: { outcome } }),
      /** What the staff has done, newest first. */
      audit: (room: number, query: PageQuery = {}) =>
        call<Page<AuditEntry>>('GET', path(room, 'audit'), { query }),
      /** Reports a message to the staff; for members. */
      report: (room: number, seq: Seq, reason: string) =>
        call<Reported>('POST', path(room, `messages/${seq}/report`), { body: { reason } }),
    },
    blocks: {
      list: (query: PageQuery = {}) => call<Page<BlockedUser>>('GET', '/me/blocks', { query }),
      /** Neither of the two opens a direct chat with the other or posts in theirs, and the blocked one does not invite the user. */
      block: (user: number) => call<void>('PUT', `/me/blocks/${user}`),
      unblock: (user: number) => call<void>('DELETE', `/me/blocks/${user}`),
    },
  }
}
