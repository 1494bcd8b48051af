import type { FeedRoom } from './feed-room.ts'

/** A room as its followers see it: they can read what was delivered on this node, and deliver nothing. */
export type FollowedRoom = Pick<
  FeedRoom,
  'id' | 'position' | 'reached' | 'since' | 'now' | 'knows' | 'expectHead'
>
