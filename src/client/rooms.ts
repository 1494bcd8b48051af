import type { Outbox } from './outbox/index.ts'
import { createRoom, type OlderMessages, type Room, type RoomNeeds } from './room/index.ts'
import type { LinkPhase } from './view/index.ts'
import type { Seq } from './wire.ts'

export interface RoomsNeeds extends Omit<RoomNeeds, 'id' | 'page' | 'threadPage' | 'upload' | 'outbox'> {
  readonly outbox: Pick<Outbox, 'send' | 'seen' | 'pending'>
  page(room: number, before: Seq, limit: number): Promise<OlderMessages>
  threadPage(room: number, ...given: Parameters<RoomNeeds['threadPage']>): ReturnType<RoomNeeds['threadPage']>
  upload(room: number, ...given: Parameters<RoomNeeds['upload']>): ReturnType<RoomNeeds['upload']>
}

/** The views of rooms that the application has requested. */
export function createRooms(needs: RoomsNeeds) {
  const all = new Map<number, Room>()
  let me: number | null = null
  let link: LinkPhase = 'offline'

  function create(id: number): Room {
    const room = createRoom({
      ...needs,
      id,
      page: (before, limit) => needs.page(id, before, limit),
      threadPage: (message, before, limit) => needs.threadPage(id, message, before, limit),
      upload: (file, options) => needs.upload(id, file, options),
    })
    for (const entry of needs.outbox.pending(id)) room.dispatch({ type: 'queued', entry })
    if (me !== null) identify(id, room, me)
    room.dispatch({ type: 'link', link })
    return room
  }

  function identify(id: number, room: Room, user: number): void {
    room.dispatch({ type: 'user', me: user, pending: needs.outbox.pending(id) })
  }

  return {
    find: (id: number) => all.get(id),

    get(id: number): Room {
      const room = all.get(id) ?? create(id)
      all.set(id, room)
      return room
    },

    forget(id: number): void {
      all.get(id)?.end()
      all.delete(id)
    },

    /** Another user sees other rooms, and other unread counts. */
    identified(user: number): void {
      me = user
      for (const [id, room] of all) identify(id, room, user)
    },

    linked(phase: LinkPhase): void {
      link = phase
      for (const room of all.values()) room.dispatch({ type: 'link', link })
    },

    /** The number up to which the server has sent everything. */
    heads(heads: Readonly<Record<string, Seq>>): void {
      for (const [id, head] of Object.entries(heads)) all.get(Number(id))?.dispatch({ type: 'head', head })
    },

    /** Asked at each change of a room, of which there may be thousands. */
    areLive() {
      for (const room of all.values()) if (room.isOpen() && !room.isLive()) return false
      return true
    },
  }
}
