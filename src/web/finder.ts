import type { Client } from '../client/index.ts'
import { button, complain, element } from './dom.ts'

const SHOWN = 20

/** Shows how to reach more rooms: public ones, new ones, and direct chats. @param entered called with a room that the user has joined */
export function showFinder(place: Element, client: Client, entered: (room: number) => void): void {
  const { api } = client
  const found = element('ul', { className: 'found' })
  const search = element('input', { type: 'search', placeholder: 'Find a room or a person' })
  const name = element('input', { placeholder: 'A new room', required: true, maxLength: 100 })
  const hidden = element('input', { type: 'checkbox' })
  let asked = 0

  const enter = (act: () => Promise<{ id: number }>) => () => {
    act().then(({ id }) => {
      found.replaceChildren()
      search.value = ''
      entered(id)
    }, complain)
  }

  async function look(): Promise<void> {
    const turn = ++asked
    const text = search.value.trim()
    const [rooms, users] = await Promise.all([
      api.rooms.list({ scope: 'public', limit: 200 }),
      text === '' ? { items: [] } : api.users.search({ search: text, limit: SHOWN }),
    ])
    // The user has typed another search since.
    if (turn !== asked) return
    const lower = text.toLowerCase()
    const named = rooms.items.filter((room) => room.name?.toLowerCase().includes(lower) === true)
    found.replaceChildren(
      ...named.slice(0, SHOWN).map(({ id, name, role }) =>
        element(
          'li',
          {},
          `${name} `,
          role === null
            ? button(
                'Join',
                enter(() => api.rooms.join(id)),
              )
            : button('Open', () => entered(id)),
        ),
      ),
      ...users.items.map(({ id, username }) =>
        element(
          'li',
          {},
          `${username} `,
          button(
            'Chat',
            enter(() => api.directs.open(id)),
          ),
        ),
      ),
    )
  }

  search.oninput = () => void look().catch(complain)
  search.onfocus = () => void look().catch(complain)
  const form = element(
    'form',
    { className: 'new-room' },
    name,
    element('label', {}, hidden, ' private'),
    element('button', { type: 'submit', textContent: 'Create' }),
  )
  form.onsubmit = (event) => {
    event.preventDefault()
    const kind = hidden.checked ? 'private' : 'public'
    enter(() => api.rooms.create({ name: name.value, kind }))()
    form.reset()
  }
  place.append(search, found, form)
}
