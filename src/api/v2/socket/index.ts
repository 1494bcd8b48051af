/*
 * The live side of v2: one socket, many rooms. `session.ts` is a connection, `requests.ts` carries out what its client asks, `subscription.ts` is one room
 * from the request on to its end, `codec.ts` is how the server's events look, `parse.ts` reads what comes in.
 */
import type { TSchema } from '@sinclair/typebox'
import { Elysia, t } from 'elysia'
import { Connection, type Server } from '../../../server/index.ts'
import { speakerOf } from '../../shared/index.ts'
import type { V2SocketOptions } from './options.ts'
import { Peer } from './peer.ts'
import { V2Session } from './session.ts'

export type { V2SocketOptions } from './options.ts'

/** @param errors what the handshake may answer instead, for the documentation */
export function v2Socket(server: Server, options: V2SocketOptions, errors: Record<number, TSchema>) {
  return new Elysia({ name: 'v2-socket', detail: { tags: ['Parley v2'] } }).get(
    '/api/v2/socket',
    async ({ request }) => {
      server.expectUpgrade(request)
      // A browser sends the page's cookie along, whoever the client in the page is.
      const later = new URL(request.url).searchParams.get('identify') === 'later'
      const identity = later
        ? null
        : await server.identities.find(request, { own: server.clientSide(request).origin, query: true })
      const speaker = identity === null ? null : speakerOf(identity.user, identity)
      return server.upgrade(
        request,
        new Connection(speaker, (connection) => new V2Session(new Peer(server, options, connection))),
      )
    },
    {
      response: { 101: t.Void({ description: 'The connection is a socket now' }), ...errors },
      detail: {
        operationId: 'openSocket',
        summary: 'The socket (WebSocket handshake); its frames are in /docs/asyncapi.json',
        security: [],
      },
    },
  )
}
