import type { Client } from '../client/index.ts'
import { button, element } from './dom.ts'
import { showFinder } from './finder.ts'
import { showRoom } from './room.ts'
import { showRooms } from './rooms.ts'

const statuses = {
  offline: 'Offline',
  connecting: 'Connecting …',
  catching_up: 'Catching up …',
  live: 'Live',
  stopped: 'Stopped',
} as const

/** Shows everything that a signed-in user sees. */
export function showChat(place: Element, client: Client, signOut: () => void): { remove(): void } {
  const status = element('p', { className: 'status' })
  status.setAttribute('role', 'status')
  const obstacle = element('p', { className: 'problem' })
  const side = element('nav')
  const main = element('main')
  const whole = element('div', { className: 'chat' }, side, main)
  let room: { remove(): void } | null = null

  function open(id: number): void {
    room?.remove()
    room = showRoom(main, client, id)
    rooms.select(id)
    whole.classList.add('in-room')
  }

  function leave(): void {
    whole.classList.remove('in-room')
  }

  const rooms = showRooms(side, client, open)
  showFinder(side, client, open)
  side.append(element('footer', {}, status, obstacle, button('Sign out', signOut)))
  main.append(button('‹ Rooms', leave))

  const stopListening = client.subscribe(shown)
  function shown(): void {
    const { status: now, user, obstacle: found, unsent } = client.getSnapshot()
    const name = user === null ? '' : `${user.username} · `
    status.textContent = `${name}${statuses[now]}${unsent === 0 ? '' : ` · ${unsent} to send`}`
    status.dataset.status = now
    obstacle.textContent = found?.message ?? ''
  }

  shown()
  place.append(whole)
  return {
    remove() {
      stopListening()
      room?.remove()
      rooms.remove()
      whole.remove()
    },
  }
}
