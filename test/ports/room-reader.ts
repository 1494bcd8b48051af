import { describe } from 'bun:test'
import { markContract } from './room-reader/marks.ts'
import { searchContract } from './room-reader/searches.ts'
import { snapshotContract } from './room-reader/snapshots.ts'
import { unreadContract } from './room-reader/unread.ts'
import { viewContract } from './room-reader/views.ts'
import type { MakeStores } from './world.ts'

/** What `RoomReader` promises. */
export function roomReaderContract(make: MakeStores): void {
  describe('a room reader', () => {
    viewContract(make)
    unreadContract(make)
    snapshotContract(make)
    markContract(make)
    searchContract(make)
  })
}
