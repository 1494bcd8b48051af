import { Feed, type Room, type RoomEvent, type Signal, type UserRef } from '../../../src/core/index.ts'
import { createMembership } from '../../../src/core/rooms/membership.ts'
import { createRooms } from '../../../src/core/rooms/rooms.ts'
import type { StoreUnderTest } from '../../ports/world.ts'
import { World } from '../../ports/world.ts'
import { FakeClock } from './clock.ts'
import { FakeFanOut } from './fan-out.ts'

export const LIST_LIMIT = 3

/** The use cases of rooms and memberships over a real store, with a record of their notifications. */
export class RoomsRig extends World {
  /** The events delivered in the followed rooms. */
  readonly delivered: RoomEvent[] = []
  readonly signals: Signal[] = []
  readonly #feed: Feed
  readonly rooms: ReturnType<typeof createRooms>
  readonly membership: ReturnType<typeof createMembership>

  constructor(stores: StoreUnderTest) {
    super(stores)
    const { store } = stores
    const signals = { publish: (signal: Signal) => void this.signals.push(signal) }
    const options = { listLimit: LIST_LIMIT, maxLength: 4000 }
    this.#feed = new Feed({
      log: store,
      fanOut: new FakeFanOut(),
      clock: new FakeClock(),
      epochs: { name: '1-first', moved: () => undefined, suspect: () => undefined },
      deliver: (_room, events) => void this.delivered.push(...events),
      gone: () => undefined,
    })
    this.rooms = createRooms(store, this.#feed, signals, options)
    const presence = { joined: () => undefined }
    this.membership = createMembership(store, this.#feed, signals, presence, options)
  }

  /** Follows the room from now on, and clears the record. */
  async hear(room: Room): Promise<Room> {
    await this.#feed.follow(room.id).opened()
    this.forget()
    return room
  }

  forget(): void {
    this.delivered.length = 0
    this.signals.length = 0
  }

  /** The membership signals: the user, the change and the actor. */
  get news(): (string | number | null)[][] {
    return this.signals.flatMap((signal) =>
      signal.type === 'membership'
        ? [[signal.roomId, signal.user.id, signal.change, signal.role, signal.actor.id]]
        : [],
    )
  }
}

export function refOf({ id, username }: UserRef): UserRef {
  return { id, username }
}
