import { type HTTPHeaders, t } from 'elysia'
import { ChatError, isSeq, type Message, type User } from '../../../core/index.ts'
import { type Server, withPartNamed } from '../../../server/index.ts'
import { callerOf } from '../../shared/index.ts'
import { messageBody } from '../bodies.ts'
import { detailsChangeIn, detailsIn, mentionsIn } from '../details-bodies.ts'
import { tellMember } from '../ephemeral.ts'
import { errors, restParts } from '../errors.ts'
import * as wire from '../wire/index.ts'
import { group } from './group.ts'
import { MessagePath, messageAt, RoomPath, roomAt } from './paths.ts'

const REMAINING = 'x-messages-remaining'

/** Sending, editing and deleting messages. */
export function messageRoutes(server: Server) {
  const { chat } = server

  /**
   * Waits for a send, and adds the rest of the caller's budget to the response.
   * @param saying the send, which has already taken from the budget
   */
  async function told(caller: User, headers: HTTPHeaders, saying: Promise<Message>): Promise<Message> {
    headers[REMAINING] = chat.messages.remaining(caller)
    try {
      return await saying
    } catch (error) {
      // That error already says that nothing is left.
      if (error instanceof ChatError && error.kind === 'rate_limited') delete headers[REMAINING]
      throw withPartNamed(error, restParts)
    }
  }

  return group('messages')
    .post(
      '/rooms/:room/messages',
      async ({ params, body, request, set }) => {
        const caller = await callerOf(server, request)
        const { id } = roomAt(params)
        const replyTo = isSeq(body.reply_to) ? body.reply_to : null
        const message = {
          body: body.body,
          kind: body.kind ?? 'text',
          clientId: request.headers.get(restParts.key),
          replyTo,
          details: detailsIn(body),
          inRoom: body.in_room ?? true,
          mentions: mentionsIn(body),
        }
        const sent = await told(caller, set.headers, chat.messages.post(id, caller, message))
        set.status = 201
        return messageBody(sent)
      },
      {
        params: RoomPath,
        headers: t.Object({
          [restParts.key.toLowerCase()]: t.Optional(
            t.String({
              description:
                '1 to 128 characters, unique among all that the user ever sent, as `client_id` on the socket: a repeated one makes no second message, and is answered with the first',
              examples: ['01J9Z8-0'],
              'x-shown': { minLength: 1, maxLength: 128, pattern: '^[!-~]([ -~]*[!-~])?$' },
            }),
          ),
        }),
        body: wire.NewMessage,
        response: { 201: wire.Message, ...errors.changeRoom },
        detail: { operationId: 'sendMessage', summary: 'Send a message to a room that the caller is in' },
      },
    )
    .post(
      '/rooms/:room/ephemeral',
      async ({ params, body, request }) => {
        const caller = await callerOf(server, request)
        return tellMember(chat, roomAt(params).id, caller, body)
      },
      {
        params: RoomPath,
        body: wire.NewEphemeral,
        response: { 200: wire.Told, ...errors.changeRoom },
        detail: {
          operationId: 'sendEphemeral',
          summary: 'Send a message to one member of a room that the caller is in; it is not stored',
        },
      },
    )
    .patch(
      '/rooms/:room/messages/:seq',
      async ({ params, body, request, set }) => {
        const caller = await callerOf(server, request)
        const [ref, at] = [roomAt(params), messageAt(params)]
        const editing = chat.messages.edit(
          ref,
          caller,
          at,
          body.body ?? null,
          detailsChangeIn(body),
          mentionsIn(body),
        )
        return messageBody(await told(caller, set.headers, editing))
      },
      {
        params: MessagePath,
        body: wire.MessagePatch,
        response: { 200: wire.Message, ...errors.changeRoom },
        detail: { operationId: 'editMessage', summary: "Edit one of the caller's messages" },
      },
    )
    .delete(
      '/rooms/:room/messages/:seq',
      async ({ params, request, set }) => {
        const caller = await callerOf(server, request)
        const [ref, at] = [roomAt(params), messageAt(params)]
        return messageBody(await told(caller, set.headers, chat.messages.remove(ref, caller, at)))
      },
      {
        params: MessagePath,
        response: { 200: wire.Message, ...errors.changeRoom },
        detail: {
          operationId: 'deleteMessage',
          summary: "Delete one of the caller's messages, or any as owner or admin; a tombstone stays",
        },
      },
    )
}
