/*
 * The live chat: /chat/send/ and /chat/history/, for testing and for clients without a socket. Live messages come over the
 * room socket.
 *
 * Imports core, server and api/shared.
 */
import { Elysia, t } from 'elysia'
import type { Contract, Server } from '../../server/index.ts'
import {
  callerOf,
  ErrorText,
  HistoryQuery,
  historyBefore,
  kindShown,
  messageShown,
  postText,
  RoomFrame,
  roomFrame,
} from '../shared/index.ts'
import { errorOf, errors, parts } from './errors.ts'

export interface LiveChatOptions {
  /** The room of requests that name none. */
  readonly defaultRoom: string
}

export function liveChat(server: Server, options: LiveChatOptions): Contract {
  return {
    name: 'live-chat',
    prefixes: ['/chat/send/', '/chat/history/'],
    routes: routes(server, options),
    docs: {
      about: 'Sending and history over HTTP, for tests and for clients without a socket.',
      schemas: { LiveMessage: NewMessage, LiveSent: Sent, LiveHistory: History, ErrorText, RoomFrame },
    },
    error: errorOf,
  }
}

const room = t.Optional(
  t.String({ description: 'The name of a room; the default room if it is left out', examples: ['my_room'] }),
)
const NewMessage = t.Object({
  message: t.String({ examples: ['Your message here'], 'x-shown': messageShown }),
  room,
  message_type: t.Optional(
    t.String({
      description: 'A lower-case word, `text` by default',
      examples: ['text'],
      'x-shown': kindShown,
    }),
  ),
})
const Sent = t.Object({ message: t.String({ examples: ['Message sent!'] }) })
const History = t.Object({ chat_history: t.Array(RoomFrame) })

function routes(server: Server, { defaultRoom }: LiveChatOptions) {
  const { chat } = server

  return new Elysia({ name: 'live-chat', prefix: '/chat', detail: { tags: ['Live chat'] } })
    .post(
      '/send',
      async ({ body, request }) => {
        const user = await callerOf(server, request)
        const text = { body: body.message, kind: body.message_type ?? 'text' }
        await postText(chat, user, { name: body.room ?? defaultRoom }, text, parts)
        return { message: 'Message sent!' }
      },
      {
        body: NewMessage,
        response: { 200: Sent, ...errors.send },
        detail: { operationId: 'liveSend', summary: 'Send a message; sending to a public room joins it' },
      },
    )
    .get(
      '/history',
      async ({ query, request }) => {
        const user = await callerOf(server, request)
        const { room } = await chat.rooms.visible({ name: query.room ?? defaultRoom }, user.id)
        const page = await historyBefore(chat, { id: room.id }, user, query)
        return { chat_history: page.messages.map((message) => roomFrame(message, room.name ?? '')) }
      },
      {
        query: t.Object({ ...HistoryQuery.properties, room }),
        response: { 200: History, ...errors.read },
        detail: { operationId: 'liveHistory', summary: 'List the latest messages of a room, oldest first' },
      },
    )
}
