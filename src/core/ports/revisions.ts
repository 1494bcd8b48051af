import type { Revision, RoomId, Seq } from '../model.ts'
import type { PageWanted } from './rooms.ts'

/** What messages said before they were edited. Edits write it and deletions remove it, in their own transaction. */
export interface RevisionLog {
  /** Returns what a message said before, in the order of the numbers at which it came to say so, after one of them. */
  revisionsOf(room: RoomId, message: Seq, page: PageWanted): Promise<Revision[]>
}
