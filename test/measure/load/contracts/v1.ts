import type { Event, Heard, Member, RestContract, SocketContract } from './contract.ts'
import { type Fields, fieldsOf, listOf, textOf, textsOf } from './fields.ts'
import { getting, posting } from './requests.ts'

/** Chat API v1. Its first frame is the history; messages are numbered by their ids, which all rooms share. */
export const v1Socket: SocketContract = {
  numbers: 'rising',
  address: ({ room, user }) => ({
    path: `/api/v1/ws/${room.id}/${user.id}`,
    headers: { authorization: `Bearer ${user.token}` },
  }),
  greetings: () => [],
  liveAtOnce: false,
  say: ({ user }, content) => JSON.stringify({ type: 'text', content, user_id: String(user.id) }),
  hear,
}

export const v1Rest: RestContract = {
  send: v1Send,
  history: ({ room, user }) => getting(`/api/v1/rooms/${room.id}/messages?limit=50`, user),
  bodies: (answer) => textsOf(listOf(JSON.parse(answer)), 'content'),
}

/** Sending by request, also for clients of contracts that have none. */
export function v1Send({ room, user }: Member, content: string) {
  const json = { content, user_id: String(user.id), type: 'text' }
  return posting(`/api/v1/rooms/${room.id}/messages`, user, json)
}

function hear(frame: string): Heard {
  const fields = fieldsOf(frame)
  switch (fields.type) {
    case 'history':
      return { live: true, events: listOf(fields.messages).map(eventOf), refused: null }
    case 'system':
      return { live: false, events: [], refused: null }
    case 'error':
      return { live: false, events: [], refused: textOf(fields.detail) }
    default:
      return { live: false, events: [eventOf(fields)], refused: null }
  }
}

function eventOf(message: Fields): Event {
  return { number: Number(message.id), body: textOf(message.content) }
}
