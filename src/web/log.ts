import type { Client, Message, Pending, RoomSnapshot, RoomView } from '../client/index.ts'
import { arrange, button, complain, element } from './dom.ts'

/** Within this many pixels of the end, the list follows new messages. */
const NEAR = 40

export interface Log {
  readonly element: HTMLElement
  show(snapshot: RoomSnapshot): void
  atEnd(): boolean
  toEnd(): void
  remove(): void
}

/** Shows the messages of a room. Messages are immutable objects, so the element of each is made once. */
export function createLog(client: Client, view: RoomView, edit: (message: Message) => void): Log {
  const list = element('ol', { className: 'log', tabIndex: 0 })
  list.setAttribute('role', 'log')
  let drawn = new Map<Message | Pending, HTMLElement>()
  let loading = false

  function show({ messages, pending }: RoomSnapshot): void {
    const stays = atEnd()
    const all: readonly (Message | Pending)[] = [...messages, ...pending]
    const before = drawn
    drawn = new Map(all.map((each) => [each, before.get(each) ?? draw(each)]))
    arrange(list, [...drawn.values()])
    if (stays) toEnd()
  }

  function draw(each: Message | Pending): HTMLElement {
    return 'clientId' in each ? drawPending(each) : drawMessage(each)
  }

  function drawMessage(message: Message): HTMLElement {
    const { sender, body, created_at, edited_at, deleted_at } = message
    const time = element('time', { dateTime: created_at, textContent: timeOf(created_at) })
    const head = element('p', {}, element('b', { textContent: sender.username }), ' ', time)
    const text = element('p', { className: 'body', textContent: deleted_at ? 'deleted' : body })
    const item = element('li', { className: deleted_at ? 'deleted' : '' }, head, text)
    if (edited_at && !deleted_at) head.append(' (edited)')
    if (sender.id !== client.getSnapshot().user?.id || deleted_at) return item
    item.classList.add('own')
    const remove = () => void view.delete(message.seq).catch(complain)
    head.append(
      ' ',
      button('Edit', () => edit(message)),
      button('Delete', remove),
    )
    return item
  }

  function drawPending({ clientId, body, status, error }: Pending): HTMLElement {
    const item = element(
      'li',
      { className: `own pending ${status}` },
      element('p', { className: 'body', textContent: body }),
    )
    if (status !== 'failed') return item
    const why = element('p', { className: 'problem', textContent: error?.message ?? 'It could not be sent.' })
    why.append(
      ' ',
      button('Discard', () => view.dismiss(clientId)),
    )
    item.append(why)
    return item
  }

  async function older(): Promise<void> {
    if (loading || !view.getSnapshot().hasOlder) return
    loading = true
    const fromEnd = list.scrollHeight - list.scrollTop
    await view.loadOlder().catch(complain)
    // Keeps the messages that the user reads at the same place.
    list.scrollTop = list.scrollHeight - fromEnd
    loading = false
  }

  function atEnd(): boolean {
    return list.scrollHeight - list.scrollTop - list.clientHeight < NEAR
  }

  function toEnd(): void {
    list.scrollTop = list.scrollHeight
  }

  list.onscroll = () => {
    if (list.scrollTop < NEAR) void older()
    if (atEnd() && document.hasFocus() && view.getSnapshot().unread > 0) view.read()
  }
  // The end moves when the width of the window changes.
  const resized = new ResizeObserver(() => {
    if (atEnd()) toEnd()
  })
  resized.observe(list)

  return { element: list, show, atEnd, toEnd, remove: () => resized.disconnect() }
}

function timeOf(at: string): string {
  return new Date(at).toLocaleString(undefined, { dateStyle: 'short', timeStyle: 'short' })
}
