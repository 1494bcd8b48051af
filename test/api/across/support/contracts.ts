import { Type as t } from '@sinclair/typebox'
import { type Ask, ask, expectAnswer } from '../../support/rest.ts'
import { readBackwards, readNumbered } from './history-pages.ts'
import type { Kind, Room } from './people.ts'
import { directFrame, roomFrame, v1Message } from './shapes.ts'
import { directSocket, roomSocket, type SocketCase, v1Socket } from './sockets.ts'
import type { Standpoint } from './standpoint.ts'
import type { Stored } from './stored.ts'

/** One of the five contracts, as a client of it sees a room. */
export interface ContractCase {
  readonly name: string
  readonly kinds: readonly Kind[]
  /** Sends by a request; null where the contract has none. Resolves once it is answered as promised. */
  readonly post: ((at: Standpoint, text: string) => Promise<void>) | null
  readonly socket: SocketCase
  /** Everything in the room by requests, oldest first; null where only the socket shows it. */
  readonly history: ((at: Standpoint) => Promise<unknown[]>) | null
  /** How exactly it shows a message, live and in the history. */
  show(message: Stored, room: Room): unknown
}

const groups: readonly Kind[] = ['public', 'private', 'game']

export const contracts: readonly ContractCase[] = [
  {
    name: 'chat service',
    kinds: groups,
    post: null,
    socket: roomSocket(({ token }) => ({ query: '', headers: { authorization: `Token ${token}` } })),
    history: (at) =>
      readBackwards(async (query) => {
        const answer = await call('GET', at, `/chat/rooms/${at.room.id}/messages/${query}`)
        return expectAnswer(answer, 200, t.Object({ messages: t.Array(t.Unknown()) })).messages
      }),
    show: roomFrame,
  },
  {
    name: 'live chat',
    kinds: groups,
    async post(at, text) {
      const json = { message: text, room: at.room.name }
      const answer = await call('POST', at, '/chat/send/', { json })
      expectAnswer(answer, 200, t.Object({ message: t.Literal('Message sent!') }))
    },
    socket: roomSocket(({ token }) => ({ query: '', headers: { authorization: `Bearer ${token}` } })),
    history: (at) =>
      readBackwards(async (query) => {
        const room = encodeURIComponent(at.room.name)
        const answer = await call('GET', at, `/chat/history/${query}&room=${room}`)
        return expectAnswer(answer, 200, t.Object({ chat_history: t.Array(t.Unknown()) })).chat_history
      }),
    show: roomFrame,
  },
  {
    name: 'groups',
    kinds: groups,
    post: null,
    socket: roomSocket(({ token }) => ({ query: `?token=${token}`, headers: {} })),
    history: readNumbered,
    show: roomFrame,
  },
  {
    name: 'v1',
    kinds: [...groups, 'direct'],
    async post(at, content) {
      const json = { content, user_id: String(at.person.id), type: 'text' }
      const answer = await call('POST', at, `/api/v1/rooms/${at.room.id}/messages`, { json })
      expectAnswer(answer, 200, t.Object({ content: t.Literal(content) }))
    },
    socket: v1Socket,
    history: (at) =>
      readBackwards(async (query) => {
        const answer = await call('GET', at, `/api/v1/rooms/${at.room.id}/messages${query}`)
        return expectAnswer(answer, 200, t.Array(t.Unknown()))
      }),
    show: v1Message,
  },
  {
    name: 'direct chats',
    kinds: ['direct'],
    post: null,
    socket: directSocket,
    history: null,
    show: (message) => directFrame(message, false),
  },
]

/** Those that can be in a room of the kind. */
export function contractsOf(kind: Kind): readonly ContractCase[] {
  return contracts.filter(({ kinds }) => kinds.includes(kind))
}

export function contractNamed(name: string): ContractCase {
  const found = contracts.find((contract) => contract.name === name)
  if (found === undefined) throw new Error(`there is no contract named ${name}`)
  return found
}

function call(method: string, { server, person }: Standpoint, path: string, options: Ask = {}) {
  return ask(method, server.url + path, { ...options, token: person.token })
}
