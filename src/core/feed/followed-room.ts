import type { FeedRoom } from './feed-room.ts'

/** What whoever follows a room sees of it: what was delivered on this node, and no way to deliver anything. */
export type FollowedRoom = Pick<
  FeedRoom,
  'id' | 'position' | 'reached' | 'since' | 'now' | 'knows' | 'expectHead'
>
