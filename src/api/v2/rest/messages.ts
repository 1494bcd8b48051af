import { t } from 'elysia'
import { ChatError, isSeq, type Message, type RoomId, type User } from '../../../core/index.ts'
import type { Server } from '../../../server/index.ts'
import { callerOf } from '../../shared/index.ts'
import { messageBody } from '../bodies.ts'
import * as wire from '../wire/index.ts'
import { errors } from './error-docs.ts'
import { group } from './group.ts'
import { MessagePath, messageAt, RoomPath, roomAt } from './paths.ts'

const KEY = 'Idempotency-Key'

/** What is said in a room: sending and revising. */
export function messageRoutes(server: Server) {
  const { chat } = server

  /** Whatever is said is of one budget, revisions too. @returns headers that tell what is left of it */
  function spend(user: User): Record<string, string> {
    const wait = chat.budget.take(user.id)
    if (wait === 0) return { 'x-messages-remaining': String(chat.budget.left(user.id)) }
    throw new ChatError('rate_limited', 'Too many messages, try again later', { retryAfterMs: wait })
  }

  async function post(
    roomId: RoomId,
    caller: User,
    key: string | null,
    said: wire.NewMessage,
  ): Promise<Message> {
    const { id, username } = caller
    try {
      return await chat.messages.post({
        roomId,
        sender: { id, username },
        clientId: key ?? chat.messages.key(),
        kind: said.kind ?? 'text',
        body: said.body,
        replyTo: isSeq(said.reply_to) ? said.reply_to : null,
      })
    } catch (error) {
      // The database says who may write; whether they may know of the room is asked only where they may not.
      if (error instanceof ChatError && error.kind === 'forbidden')
        await chat.rooms.visible({ id: roomId }, id)
      throw named(error)
    }
  }

  return group('messages')
    .post(
      '/rooms/:room/messages',
      async ({ params, body, request, set }) => {
        const caller = await callerOf(server, request)
        const { id } = roomAt(params)
        Object.assign(set.headers, spend(caller))
        const message = await post(id, caller, request.headers.get(KEY), body)
        set.status = 201
        return messageBody(message)
      },
      {
        params: RoomPath,
        headers: t.Object({
          [KEY.toLowerCase()]: t.Optional(
            t.String({
              description:
                '1 to 128 characters, unique among all that the user ever sent, as `client_id` on the socket: a repeated one makes no second message, and is answered with the first',
              examples: ['01J9Z8-0'],
            }),
          ),
        }),
        body: wire.NewMessage,
        response: { 201: wire.Message, ...errors.changeRoom },
        detail: { summary: 'Send a message to a room that the caller is in' },
      },
    )
    .patch(
      '/rooms/:room/messages/:seq',
      async ({ params, body, request, set }) => {
        const caller = await callerOf(server, request)
        const [ref, at] = [roomAt(params), messageAt(params)]
        Object.assign(set.headers, spend(caller))
        try {
          return messageBody(await chat.messages.edit(ref, caller, at, body.body))
        } catch (error) {
          throw named(error)
        }
      },
      {
        params: MessagePath,
        body: wire.MessagePatch,
        response: { 200: wire.Message, ...errors.changeRoom },
        detail: { summary: 'Edit an own message' },
      },
    )
    .delete(
      '/rooms/:room/messages/:seq',
      async ({ params, request, set }) => {
        const caller = await callerOf(server, request)
        const [ref, at] = [roomAt(params), messageAt(params)]
        Object.assign(set.headers, spend(caller))
        return messageBody(await chat.messages.remove(ref, caller, at))
      },
      {
        params: MessagePath,
        response: { 200: wire.Message, ...errors.changeRoom },
        detail: { summary: "Delete a message, one's own or as the room's staff; a tombstone stays" },
      },
    )
}

/** What is wrong with a part of a message, by the part's name in the request. */
function named(error: unknown): unknown {
  if (!(error instanceof ChatError) || error.kind !== 'invalid') return error
  const field = error.field === 'key' ? KEY : (error.field ?? 'body')
  return new ChatError('invalid', `${field} ${error.message}`, { field })
}
