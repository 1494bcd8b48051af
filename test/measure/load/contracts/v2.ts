import type { Event, Heard, RestContract, SocketContract } from './contract.ts'
import { type Fields, fieldsOf, isFields, listOf, textOf, textsOf } from './fields.ts'
import { getting, posting } from './requests.ts'

/**
 * Parley's own contract. Every durable change in a room takes its next number. A client that connects for the first time requests no
 * earlier messages.
 */
export const v2Socket: SocketContract = {
  numbers: 'dense',
  address: ({ user }) => ({ path: '/api/v2/socket', headers: { authorization: `Bearer ${user.token}` } }),
  greetings: ({ room }, after) => {
    const from = after === null ? { limit: 0 } : { after }
    return [JSON.stringify({ type: 'subscribe', id: 1, room: room.id, ...from })]
  },
  liveAtOnce: false,
  say: ({ room }, body, key) => JSON.stringify({ type: 'send', id: 2, room: room.id, body, client_id: key }),
  hear,
}

export const v2Rest: RestContract = {
  send: ({ room, user }, body, key) =>
    posting(`/api/v2/rooms/${room.id}/messages`, user, { body }, { 'idempotency-key': key }),
  history: ({ room, user }) => getting(`/api/v2/rooms/${room.id}/messages?limit=50`, user),
  bodies: (answer) => textsOf(listOf(fieldsOf(answer).items), 'body'),
}

function hear(frame: string): Heard {
  const fields = fieldsOf(frame)
  switch (fields.type) {
    case 'live':
      return { live: true, events: [], refused: null }
    case 'message':
    case 'edited':
    case 'deleted':
    case 'member':
    case 'room':
      return { live: false, events: [eventOf(fields)], refused: null }
    case 'changes':
      return { live: false, events: listOf(fields.events).map(eventOf), refused: null }
    case 'error':
      return refusal(`${textOf(fields.code)}: ${textOf(fields.message)}`)
    case 'unsubscribed':
      return refusal(`unsubscribed: ${textOf(fields.reason)}`)
    default:
      return { live: false, events: [], refused: null }
  }
}

function refusal(refused: string): Heard {
  return { live: false, events: [], refused }
}

function eventOf({ type, seq, message }: Fields): Event {
  const isMessage = type === 'message' && isFields(message)
  return { number: Number(seq), body: isMessage ? textOf(message.body) : null }
}
