/*
 * Direct chats of two users: /api/users/, /api/chats/ and /api/chats/create/. Live messages come over the shared socket.
 *
 * Imports core, server and api/shared.
 */
import { Elysia, t } from 'elysia'
import { ChatError, type DirectSummary, isId, type UserRef } from '../../core/index.ts'
import type { Contract, Server } from '../../server/index.ts'
import { callerOf, DetailError, ErrorText, isoTime, pageOf, plainText } from '../shared/index.ts'
import { errorOf, errors } from './errors.ts'
import { ChatBody, LastMessage, NewChat, UserBody, UsersQuery } from './schemas.ts'

/** The most chats in a list. */
const CHATS = 1000

export function directChats(server: Server): Contract {
  return {
    name: 'direct-chats',
    prefixes: ['/api/users/', '/api/chats/'],
    routes: routes(server),
    docs: {
      about: 'Direct chats of two users.',
      schemas: {
        DirectChat: ChatBody,
        DirectLastMessage: LastMessage,
        DirectNewChat: NewChat,
        DirectUser: UserBody,
        DetailError,
        ErrorText,
      },
    },
    error: errorOf,
  }
}

function routes(server: Server) {
  const { chat } = server

  return new Elysia({ name: 'direct-chats', prefix: '/api', detail: { tags: ['Direct chats'] } })
    .get(
      '/users',
      async ({ query, request, set }) => {
        const caller = await callerOf(server, request)
        const page = pageOf(query, 1000)
        // Two more than the page: one for the caller, who is left out, and one to see whether there is a next page.
        const found = await chat.accounts.list(
          { after: page.after, limit: page.limit + 2 },
          query.search ?? '',
        )
        const others = found.filter((user) => user.id !== caller.id)
        const users = others.slice(0, page.limit)
        const last = users.at(-1)
        if (others.length > page.limit && last !== undefined) {
          set.headers.link = nextLink(server.publicUrl(request), query, page.limit, last)
        }
        return users.map(userBody)
      },
      {
        query: UsersQuery,
        response: { 200: t.Array(UserBody), ...errors.read },
        detail: {
          operationId: 'directListUsers',
          summary: 'List the users except the caller, by id; the header `Link: …; rel="next"` leads to more',
        },
      },
    )
    .get(
      '/chats',
      async ({ request }) => {
        const caller = await callerOf(server, request)
        return (await chat.rooms.listDirects(caller.id, CHATS)).map((summary) => chatBody(caller, summary))
      },
      {
        response: { 200: t.Array(ChatBody), ...errors.read },
        detail: {
          operationId: 'directListChats',
          summary: "List the caller's direct chats, latest activity first, at most 1,000",
        },
      },
    )
    .post(
      '/chats/create',
      async ({ body, request, set }) => {
        const caller = await callerOf(server, request)
        if (!isId(body.user_id)) throw new ChatError('invalid', 'User not found', { field: 'user_id' })
        const { summary, made } = await chat.rooms.openDirect(caller, body.user_id)
        set.status = made ? 201 : 200
        return chatBody(caller, summary)
      },
      {
        body: NewChat,
        response: { 200: ChatBody, 201: ChatBody, ...errors.create },
        detail: {
          operationId: 'directOpenChat',
          summary:
            'Get the direct chat with another user, or create it: 201 if it was created, 200 if it existed',
        },
      },
    )
}

function chatBody(caller: UserRef, { room, other, lastMessage, unread }: DirectSummary) {
  return {
    id: room.id,
    participants: [userBody(caller), userBody(other)].sort((a, b) => a.id - b.id),
    other_user: userBody(other),
    created: isoTime(room.createdAt),
    last_message:
      lastMessage === null
        ? null
        : {
            body: plainText(lastMessage),
            created: isoTime(lastMessage.createdAt),
            sender: lastMessage.sender.username,
          },
    unread_count: unread,
  }
}

function userBody(user: UserRef) {
  return { id: user.id, username: user.username }
}

function nextLink(url: URL, query: { search?: string }, limit: number, last: UserRef): string {
  url.search = ''
  if (query.search !== undefined) url.searchParams.set('search', query.search)
  url.searchParams.set('limit', String(limit))
  url.searchParams.set('after', String(last.id))
  return `<${url}>; rel="next"`
}
