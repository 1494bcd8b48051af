/*
 * Accounts and tokens: /api/auth/… and /api-token-auth/. Clients of every contract sign in here.
 *
 * Imports core, server and api/shared.
 */
import { Elysia, t } from 'elysia'
import type { SignedIn } from '../../core/index.ts'
import type { Contract, Server } from '../../server/index.ts'
import { DetailError, identityOf, ticketOf, tokenIdOf } from '../shared/index.ts'
import { errorOf, errors, FormErrors } from './errors.ts'
import { AccountUser, Credentials, NewAccount, Session, Ticket, TokenOnly } from './schemas.ts'

/** As long as the server remembers a known client that is not used. */
const DEVICE_SECONDS = 180 * 86_400

export function accounts(server: Server, options: { tokenTtlDays: number }): Contract {
  return {
    name: 'accounts',
    prefixes: ['/api/auth/', '/api-token-auth/'],
    signIns: ['/api/auth/login', '/api-token-auth'],
    routes: routes(server, options.tokenTtlDays * 86_400),
    docs: {
      about: "Accounts and tokens, which every contract's clients sign in through.",
      schemas: {
        AccountCredentials: Credentials,
        NewAccount,
        AccountSession: Session,
        AccountTicket: Ticket,
        AccountToken: TokenOnly,
        AccountUser,
        DetailError,
        FormErrors,
      },
    },
    error: errorOf,
  }
}

function routes(server: Server, sessionSeconds: number) {
  const { chat, cookies, identities } = server

  return new Elysia({ name: 'accounts', detail: { tags: ['Accounts'] } })
    .post(
      '/api/auth/register',
      async ({ body, request, set }) => {
        identities.expectNoForeignForm(request, server.clientSide(request).origin)
        const signedIn = await chat.accounts.register(body.username, body.password, server.source(request))
        set.status = 201
        return session(signedIn)
      },
      {
        body: NewAccount,
        response: { 201: Session, ...errors.register },
        detail: { operationId: 'register', summary: 'Create an account', security: [] },
      },
    )
    .post(
      '/api/auth/login',
      async ({ body, request, set }) => {
        identities.expectOwnPage(request, server.clientSide(request).origin)
        const signedIn = await chat.accounts.login(body.username, body.password, server.source(request), true)
        const { token, newDevice } = signedIn
        const side = server.clientSide(request)
        const kept = cookies.session(token, sessionSeconds, side)
        set.headers['set-cookie'] =
          newDevice === null ? [kept] : [kept, cookies.device(newDevice, DEVICE_SECONDS, side)]
        return session(signedIn)
      },
      {
        body: Credentials,
        response: { 200: Session, ...errors.login },
        detail: {
          operationId: 'login',
          summary:
            'Sign in; sets the session cookie as well, and one by which the browser is known next time',
          security: [],
        },
      },
    )
    .post(
      '/api/auth/logout',
      async ({ request, set }) => {
        const identity = await identityOf(server, request)
        const token = tokenIdOf(identity)
        if (token !== null) await chat.accounts.revokeToken(identity.user.id, token)
        set.status = 204
        set.headers['set-cookie'] = cookies.noSession(server.clientSide(request))
      },
      {
        response: { 204: t.Void({ description: 'Done' }), ...errors.signedIn },
        detail: { operationId: 'logout', summary: 'Revoke the token; its sockets are closed' },
      },
    )
    .post(
      '/api/auth/ticket',
      async ({ request }) => {
        const { ticket, expiresInSeconds } = await ticketOf(server, request)
        return { ticket, expires_in: expiresInSeconds }
      },
      {
        response: { 200: Ticket, ...errors.signedIn },
        detail: {
          operationId: 'createSocketTicket',
          summary: 'Issue a ticket, which opens one socket (`?ticket=`) within 30 seconds',
        },
      },
    )
    .post(
      '/api-token-auth/',
      async ({ body, request }) => {
        const { token } = await chat.accounts.login(body.username, body.password, server.source(request))
        return { token }
      },
      {
        body: Credentials,
        response: { 200: TokenOnly, ...errors.tokenAuth },
        detail: {
          operationId: 'tokenAuth',
          summary: 'Sign in, with the fields of Django REST Framework',
          security: [],
        },
      },
    )
}

function session({ user, token }: SignedIn) {
  return { token, user: { id: user.id, username: user.username } }
}
