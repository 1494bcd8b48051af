import { t } from 'elysia'
import { ChatError } from '../../../core/index.ts'
import type { Server } from '../../../server/index.ts'
import { callerOf, identityOf, isoTime, ticketOf, tokenIdOf } from '../../shared/index.ts'
import { metadataIn } from '../details-bodies.ts'
import { errors } from '../errors.ts'
import * as wire from '../wire/index.ts'
import { group } from './group.ts'
import { showUser } from './show.ts'

/** The caller's own account: profile, password, tokens. */
export function meRoutes(server: Server) {
  const { chat } = server

  /** The caller, and the id of the token that they are signed in by, if any. */
  async function tokenOf(request: Request) {
    const identity = await identityOf(server, request)
    return { user: identity.user, token: tokenIdOf(identity) }
  }

  return group('me')
    .get(
      '/me',
      async ({ request }) => {
        const { id } = await callerOf(server, request)
        // The identity may be cached for a moment, so its profile may be older than the stored one.
        const user = await chat.accounts.user(id)
        if (user === null) throw new ChatError('not_found', 'User not found')
        return showUser(chat, user)
      },
      {
        response: { 200: wire.User, ...errors.readOne },
        detail: { operationId: 'getMe', summary: 'Get the caller' },
      },
    )
    .patch(
      '/me',
      async ({ body, request }) => {
        const { id } = await callerOf(server, request)
        const wanted = {
          firstName: body.first_name,
          lastName: body.last_name,
          metadata: metadataIn(body.metadata),
        }
        return showUser(chat, await chat.accounts.updateProfile(id, wanted))
      },
      {
        body: wire.ProfilePatch,
        response: { 200: wire.User, ...errors.changeOne },
        detail: {
          operationId: 'updateMe',
          summary: "Change the caller's profile; fields that are left out stay the same",
        },
      },
    )
    .put(
      '/me/password',
      async ({ body, request, set }) => {
        const { user, token } = await tokenOf(request)
        const { current_password: current, new_password: wanted } = body
        await chat.accounts.changePassword(user, current, wanted, token, server.source(request))
        set.status = 204
      },
      {
        body: wire.PasswordChange,
        response: { 204: t.Void({ description: 'Changed' }), ...errors.change },
        detail: {
          operationId: 'changePassword',
          summary: "Change the password; revokes the caller's other tokens",
        },
      },
    )
    .get(
      '/me/tokens',
      async ({ request }) => {
        const { user, token } = await tokenOf(request)
        const tokens = await chat.accounts.tokens(user.id)
        return {
          items: tokens.map(({ id, createdAt, expiresAt }) => ({
            id,
            created_at: isoTime(createdAt),
            expires_at: isoTime(expiresAt),
            current: id === token,
          })),
        }
      },
      {
        response: { 200: wire.ListedTokens, ...errors.read },
        detail: { operationId: 'listTokens', summary: "List the caller's tokens, newest first" },
      },
    )
    .post(
      '/me/tokens',
      async ({ request, set }) => {
        const { token, expiresInMs } = await chat.accounts.issueToken(await callerOf(server, request))
        set.status = 201
        return { token, expires_in_ms: expiresInMs }
      },
      {
        response: { 201: wire.Token, ...errors.change },
        detail: {
          operationId: 'createToken',
          summary: 'Make a further token, for another device or before this one ends',
        },
      },
    )
    .delete(
      '/me/tokens',
      async ({ request, set }) => {
        const { user, token } = await tokenOf(request)
        await chat.accounts.revokeOtherTokens(user.id, token)
        set.status = 204
      },
      {
        response: { 204: t.Void({ description: 'Ended' }), ...errors.change },
        detail: {
          operationId: 'endOtherTokens',
          summary: "Revoke the caller's tokens except this one; their sockets are closed",
        },
      },
    )
    .delete(
      '/me/tokens/:id',
      async ({ params, request, set }) => {
        const { user, token } = await tokenOf(request)
        const id = params.id === 'current' ? token : params.id
        if (id === null || !(await chat.accounts.revokeToken(user.id, id))) {
          throw new ChatError('not_found', 'Token not found')
        }
        set.status = 204
      },
      {
        params: t.Object({
          id: t.String({
            description: 'The id of the token; `current` is the one of this request',
            'x-shown': { pattern: '^([0-9a-f]{64}|current)$', examples: ['current'] },
          }),
        }),
        response: { 204: t.Void({ description: 'Ended' }), ...errors.changeOne },
        detail: {
          operationId: 'endToken',
          summary: "Revoke one of the caller's tokens; its sockets are closed",
        },
      },
    )
    .post(
      '/me/tickets',
      async ({ request, set }) => {
        const { ticket, expiresInSeconds } = await ticketOf(server, request)
        set.status = 201
        return { ticket, expires_in_ms: expiresInSeconds * 1000 }
      },
      {
        response: { 201: wire.Ticket, ...errors.change },
        detail: {
          operationId: 'createTicket',
          summary: 'Issue a ticket, which opens one socket (`?ticket=`), for clients that cannot set headers',
        },
      },
    )
}
