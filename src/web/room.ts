import type { Client, RoomSnapshot } from '../client/index.ts'
import { createComposer } from './composer.ts'
import { button, complain, element } from './dom.ts'
import { createLog } from './log.ts'

const endings = {
  left: 'You have left this room.',
  removed: 'You have been removed from this room.',
  room_deleted: 'This room has been deleted.',
  refused: 'You may not see this room.',
} as const

/** Shows one room: its members, its messages and the text field. */
export function showRoom(place: Element, client: Client, id: number): { remove(): void } {
  const view = client.room(id)
  const title = element('h2')
  const people = element('p', { className: 'people' })
  const ended = element('p', { className: 'problem' })
  const typing = element('p', { className: 'typing' })
  const composer = createComposer(view)
  const log = createLog(client, view, (message) => composer.edit(message))
  const leave = button('Leave', () => {
    client.api.rooms.leave(id).catch(complain)
  })
  const whole = element(
    'section',
    { className: 'room' },
    element('header', {}, title, people, leave),
    ended,
    log.element,
    typing,
    composer.element,
  )

  function shown(): void {
    const snapshot = view.getSnapshot()
    const { room, status } = snapshot
    title.textContent = room?.other?.username ?? room?.name ?? `Room ${id}`
    people.textContent = peopleOf(snapshot)
    leave.hidden = room === null || room.kind === 'direct'
    ended.textContent = snapshot.ended === null ? '' : endings[snapshot.ended.reason]
    typing.textContent = typingOf(snapshot)
    whole.dataset.status = status
    whole.setAttribute('aria-busy', String(status !== 'live'))
    log.show(snapshot)
    composer.enable(status !== 'ended')
    readWhatIsSeen()
  }

  function readWhatIsSeen(): void {
    if (document.hasFocus() && log.atEnd() && view.getSnapshot().unread > 0) view.read()
  }

  const stop = view.subscribe(shown)
  addEventListener('focus', readWhatIsSeen)
  place.append(whole)
  view.open().catch(() => undefined)
  shown()
  log.toEnd()
  composer.focus()
  return {
    remove() {
      stop()
      view.close()
      removeEventListener('focus', readWhatIsSeen)
      log.remove()
      whole.remove()
    },
  }
}

function peopleOf({ members, memberCount, onlineCount, online }: RoomSnapshot): string {
  const count = `${memberCount} ${memberCount === 1 ? 'member' : 'members'}, ${onlineCount} online`
  if (members === null || online === null || memberCount > 12) return count
  const names = [...members.values()].map(
    ({ user }) => `${online.has(user.id) ? '● ' : '○ '}${user.username}`,
  )
  return `${count}: ${names.join(', ')}`
}

function typingOf({ typing }: RoomSnapshot): string {
  const names = typing.map(({ username }) => username)
  if (names.length === 0) return ''
  return names.length > 3
    ? 'Several people are typing …'
    : `${names.join(', ')} ${names.length === 1 ? 'is' : 'are'} typing …`
}
