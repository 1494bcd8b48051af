/*
 * The live side of v2: one socket, many rooms. `session.ts` is a connection, `requests.ts` carries out its requests,
 * `subscription.ts` is one room
 * from the request to its end, `codec.ts` makes the server's frames, `parse.ts` reads the client's.
 */
import type { TSchema } from '@sinclair/typebox'
import { Elysia, t } from 'elysia'
import { Connection, type Server } from '../../../server/index.ts'
import { speakerOf } from '../../shared/index.ts'
import type { V2SocketOptions } from './options.ts'
import { Peer } from './peer.ts'
import { V2Session } from './session.ts'

export type { V2SocketOptions } from './options.ts'

/** @param errors the error responses of the handshake, for the documentation */
export function v2Socket(server: Server, options: V2SocketOptions, errors: Record<number, TSchema>) {
  return new Elysia({ name: 'v2-socket', detail: { tags: ['Parley v2'] } }).get(
    '/api/v2/socket',
    async ({ request }) => {
      server.expectUpgrade(request)
      // A browser adds the page's cookie by itself, even if the client in the page signs in as another user.
      const { searchParams } = new URL(request.url)
      const later = searchParams.get('identify') === 'later'
      const identity = later
        ? null
        : await server.identities.find(request, { own: server.clientSide(request).origin, query: true })
      const speaker = identity === null ? null : speakerOf(identity.user, identity)
      const connection = new Connection(speaker, (own) => new V2Session(new Peer(server, options, own)))
      connection.takesBatches = searchParams.get('batch') === '1'
      return server.upgrade(request, connection)
    },
    {
      response: { 101: t.Void({ description: 'The connection is now a WebSocket' }), ...errors },
      detail: {
        operationId: 'openSocket',
        summary: 'Open the socket (WebSocket handshake); /docs/asyncapi.json describes its frames',
        security: [],
      },
    },
  )
}
