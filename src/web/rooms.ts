import type { Client, Room } from '../client/index.ts'
import { arrange, button, complain, element } from './dom.ts'

/** The most rooms that are followed at once to show their unread counts. */
const FOLLOWED = 100

export interface Rooms {
  select(id: number): void
  remove(): void
}

/** Shows the user's rooms, and invitations to others. */
export function showRooms(place: Element, client: Client, open: (id: number) => void): Rooms {
  const list = element('ul', { className: 'rooms' })
  const invitations = element('ul', { className: 'rooms' })
  const entries = new Map<number, Entry>()
  let selected: number | null = null
  /** What is shown of the invitations. */
  let invited: readonly Room[] = []

  function show(): void {
    const snapshot = client.rooms.getSnapshot()
    const rooms = snapshot.rooms.slice(0, FOLLOWED)
    const ids = new Set(rooms.map(({ id }) => id))
    for (const [id, entry] of entries) {
      if (ids.has(id)) continue
      entry.remove()
      entries.delete(id)
    }
    for (const room of rooms) {
      if (!entries.has(room.id)) entries.set(room.id, showEntry(client, room, open))
    }
    arrange(
      list,
      rooms.flatMap(({ id }) => entries.get(id)?.item ?? []),
    )
    mark()
    if (snapshot.invitations === invited) return
    invited = snapshot.invitations
    arrange(
      invitations,
      invited.map((room) => invitation(room)),
    )
  }

  function invitation(room: Room): Element {
    const respond = (act: () => Promise<unknown>) => () => {
      act().catch(complain)
    }
    return element(
      'li',
      {},
      `Invited to ${room.name ?? 'a chat'} `,
      button(
        'Join',
        respond(() => client.api.rooms.join(room.id)),
      ),
      button(
        'Decline',
        respond(() => client.api.invitations.decline(room.id)),
      ),
    )
  }

  function mark(): void {
    for (const [id, { item }] of entries) item.setAttribute('aria-current', String(id === selected))
  }

  const stopListening = client.rooms.subscribe(show)
  place.append(list, invitations)
  show()
  return {
    select(id) {
      selected = id
      mark()
    },
    remove() {
      stopListening()
      for (const entry of entries.values()) entry.remove()
    },
  }
}

interface Entry {
  readonly item: HTMLElement
  remove(): void
}

function showEntry(client: Client, { id, name, other }: Room, open: (id: number) => void): Entry {
  const view = client.room(id)
  const title = element('span', { className: 'name', textContent: other?.username ?? name ?? `Room ${id}` })
  const unread = element('span', { className: 'unread' })
  const item = element('li', { onclick: () => open(id), tabIndex: 0 }, title, unread)
  item.onkeydown = ({ key }) => {
    if (key === 'Enter') open(id)
  }
  const stop = view.subscribe(shown)
  function shown(): void {
    const { unread: count } = view.getSnapshot()
    unread.textContent = count === 0 ? '' : count >= 1000 ? '999+' : String(count)
  }
  // If this fails, the view of the room shows why.
  view.open({ limit: 50 }).catch(() => undefined)
  shown()
  return {
    item,
    remove() {
      stop()
      view.close()
    },
  }
}
