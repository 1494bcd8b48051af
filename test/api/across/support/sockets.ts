import { openSocket, type TestSocket } from '../../support/socket.ts'
import type { Person } from './people.ts'
import type { Standpoint } from './standpoint.ts'

/** A contract's socket, as its client uses it. */
export interface SocketCase {
  address(at: Standpoint): { readonly url: string; readonly headers: Record<string, string> }
  /** What the client sends to say something. */
  frame(person: Person, text: string): unknown
  /** The messages in a frame that came; none where it tells something else that the contract has. */
  messagesIn(frame: unknown): readonly unknown[]
}

export interface Listener {
  readonly socket: TestSocket
  /** Every message that it has been shown, in the order of coming; an error frame counts as one. */
  messages(): readonly unknown[]
  say(text: string): void
}

/** Opens a contract's socket; resolves once the handshake is done. */
export async function listen(contract: { readonly socket: SocketCase }, at: Standpoint): Promise<Listener> {
  const { address, frame, messagesIn } = contract.socket
  const { url, headers } = address(at)
  const socket = openSocket(url, headers)
  await socket.opened
  const found: unknown[] = []
  let read = 0
  return {
    socket,
    messages() {
      for (; read < socket.frames.length; read++) found.push(...messagesIn(socket.frames[read]))
      return found
    },
    say: (text) => socket.send(frame(at.person, text)),
  }
}

/** The room socket that documents 1, 2 and 4 share, each with its own way to bring the token. */
export function roomSocket(
  identify: (person: Person) => { query: string; headers: Record<string, string> },
): SocketCase {
  return {
    address({ server, room, person }) {
      const { query, headers } = identify(person)
      return { url: `${server.wsUrl}/ws/chat/${encodeURIComponent(room.name)}/${query}`, headers }
    },
    frame: (_, message) => ({ message }),
    messagesIn: (frame) => [frame],
  }
}

export const directSocket: SocketCase = {
  address: ({ server, room, person }) => ({
    url: `${server.wsUrl}/ws/chat/${room.id}/?token=${person.token}`,
    headers: {},
  }),
  frame: (_, body) => ({ body }),
  messagesIn: (frame) => [frame],
}

export const v1Socket: SocketCase = {
  address: ({ server, room, person }) => ({
    url: `${server.wsUrl}/api/v1/ws/${room.id}/${person.id}?token=${person.token}`,
    headers: {},
  }),
  frame: ({ id }, content) => ({ type: 'text', content, user_id: String(id) }),
  /** The history comes in one frame, and comings and goings come as well. */
  messagesIn(frame) {
    if (typeof frame !== 'object' || frame === null || !('type' in frame)) return [frame]
    if (frame.type === 'history' && 'messages' in frame && Array.isArray(frame.messages))
      return frame.messages
    return frame.type === 'system' ? [] : [frame]
  },
}
