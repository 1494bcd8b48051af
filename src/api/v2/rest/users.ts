import { t } from 'elysia'
import { ChatError, type SignedIn, type UserId } from '../../../core/index.ts'
import type { Server } from '../../../server/index.ts'
import { callerOf } from '../../shared/index.ts'
import { errors } from '../errors.ts'
import * as wire from '../wire/index.ts'
import { group } from './group.ts'
import { UserPath, userAt } from './paths.ts'
import { pageById, pageQuery } from './queries.ts'
import { showUser, showUsers } from './show.ts'

/** Registration, sign-in, and finding users. */
export function userRoutes(server: Server) {
  const { chat, identities } = server

  async function shownUser(id: UserId): Promise<wire.User> {
    const user = await chat.accounts.user(id)
    if (user === null) throw new ChatError('not_found', 'User not found')
    return showUser(chat, user)
  }

  async function signedIn({ user, token, expiresInMs }: SignedIn) {
    return { user: await shownUser(user.id), token, expires_in_ms: expiresInMs }
  }

  return group('users')
    .post(
      '/users',
      async ({ body, request, set }) => {
        identities.expectNoForeignForm(request, server.clientSide(request).origin)
        const made = await chat.accounts.register(body.username, body.password, server.source(request))
        set.status = 201
        return signedIn(made)
      },
      {
        body: wire.NewUser,
        response: { 201: wire.SignedIn, ...errors.register },
        detail: { operationId: 'createUser', summary: 'Create an account', security: [] },
      },
    )
    .post(
      '/tokens',
      async ({ body, request, set }) => {
        const found = await chat.accounts.login(body.username, body.password, server.source(request))
        set.status = 201
        return signedIn(found)
      },
      {
        body: wire.Credentials,
        response: { 201: wire.SignedIn, ...errors.login },
        detail: { operationId: 'signIn', summary: 'Sign in; sets no cookie', security: [] },
      },
    )
    .get(
      '/users',
      async ({ query, request }) => {
        await callerOf(server, request)
        return pageById(
          'users',
          query,
          (page) => chat.accounts.list(page, query.search),
          (user) => user.id,
          (users) => showUsers(chat, users),
        )
      },
      {
        query: t.Object({
          ...pageQuery,
          search: t.Optional(
            t.String({ description: 'The beginning of usernames, in any case', examples: ['al'] }),
          ),
        }),
        response: { 200: wire.UserPage, ...errors.list },
        detail: { operationId: 'listUsers', summary: 'The users, by id' },
      },
    )
    .get(
      '/users/:user',
      async ({ params, request }) => {
        const caller = await callerOf(server, request)
        const user = await chat.accounts.user(userAt(params, caller))
        if (user === null) throw new ChatError('not_found', 'User not found')
        return showUser(chat, user)
      },
      {
        params: UserPath,
        response: { 200: wire.User, ...errors.readOne },
        detail: { operationId: 'getUser', summary: 'Get a user' },
      },
    )
}
