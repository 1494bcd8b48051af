import type { Address, Heard, Member, RestContract, SocketContract } from './contract.ts'
import { fieldsOf, isFields, listOf, textOf, textsOf } from './fields.ts'
import { getting, posting } from './requests.ts'
import { v1Send } from './v1.ts'

/** The socket that the chat service, live chat and groups share. Each sends the token in its own way. */
export const chatServiceSocket = roomSocket((member) => ({
  path: pathOf(member),
  headers: { authorization: `Token ${member.user.token}` },
}))

export const liveChatSocket = roomSocket((member) => ({
  path: pathOf(member),
  headers: { authorization: `Bearer ${member.user.token}` },
}))

export const groupsSocket = roomSocket((member) => ({
  path: `${pathOf(member)}?token=${member.user.token}`,
  headers: {},
}))

export const chatServiceRest: RestContract = {
  send: v1Send,
  history: ({ room, user }) => getting(`/chat/rooms/${room.id}/messages/?limit=50`, user),
  bodies: (answer) => textsOf(listOf(fieldsOf(answer).messages), 'message'),
}

export const liveChatRest: RestContract = {
  send: ({ room, user }, message) => posting('/chat/send/', user, { message, room: room.name }),
  history: ({ room, user }) => getting(`/chat/history/?room=${encodeURIComponent(room.name)}&limit=50`, user),
  bodies: (answer) => textsOf(listOf(fieldsOf(answer).chat_history), 'message'),
}

export const groupsRest: RestContract = {
  send: v1Send,
  history: ({ room, user }) =>
    getting(`/api/chat/groups/${encodeURIComponent(room.name)}/messages/?page_size=50`, user),
  bodies: (answer) => textsOf(listOf(fieldsOf(answer).results), 'message'),
}

/** Direct chats have their own frames at the same path. A request shows only the latest message of each chat. */
export const directChatsSocket: SocketContract = {
  numbers: 'rising',
  address: ({ room, user }) => ({ path: `/ws/chat/${room.id}/?token=${user.token}`, headers: {} }),
  greetings: () => [],
  liveAtOnce: true,
  say: (_, body) => JSON.stringify({ body }),
  hear(frame) {
    const { message, error } = fieldsOf(frame)
    if (!isFields(message)) return refusal(error)
    return {
      live: false,
      events: [{ number: Number(message.id), body: textOf(message.body) }],
      refused: null,
    }
  },
}

export const directChatsRest: RestContract = {
  send: v1Send,
  history: ({ user }) => getting('/api/chats/', user),
  bodies: (answer) =>
    textsOf(
      listOf(JSON.parse(answer)).map(({ last_message }) => (isFields(last_message) ? last_message : {})),
      'body',
    ),
}

/** Joins take numbers that this socket does not show, so numbers rise with gaps. */
function roomSocket(address: (member: Member) => Address): SocketContract {
  return {
    numbers: 'rising',
    address,
    greetings: () => [],
    liveAtOnce: true,
    say: (_, message) => JSON.stringify({ message }),
    hear(frame) {
      const { seq, message, error } = fieldsOf(frame)
      if (typeof message !== 'string') return refusal(error)
      return { live: false, events: [{ number: Number(seq), body: message }], refused: null }
    },
  }
}

function refusal(error: unknown): Heard {
  return { live: false, events: [], refused: textOf(error) || 'a frame without a message' }
}

function pathOf({ room }: Member): string {
  return `/ws/chat/${encodeURIComponent(room.name)}/`
}
