/*
 * Parley's own contract, v2: REST under /api/v2, and one socket, or one stream of events, for all rooms.
 *
 * Imports core, server and api/shared. `wire/` has the schemas of all bodies and frames; `bodies.ts` and `errors.ts` turn the
 * core's values into them, for `rest/`, `socket/` and `events/`, which is the socket's other transport.
 */
import { Elysia } from 'elysia'
import type { Contract, Server } from '../../server/index.ts'
import { errorOf, errors } from './errors.ts'
import { v2Events } from './events/index.ts'
import { UPLOADS, v2Rest } from './rest/index.ts'
import { type V2SocketOptions, v2Socket } from './socket/index.ts'
import * as wire from './wire/index.ts'

export type { V2SocketOptions } from './socket/index.ts'

export function v2(server: Server, options: V2SocketOptions): Contract {
  const routes = new Elysia({ name: 'v2' })
    .use(v2Rest(server))
    .use(v2Events(server, options, errors.stream))
    .use(v2Socket(server, options, errors.socket))
  return {
    name: 'v2',
    prefixes: ['/api/v2/'],
    signIns: ['/api/v2/tokens'],
    uploads: [UPLOADS],
    routes,
    docs: { about: "Parley's own contract: everything that the server can do.", schemas: wire },
    error: errorOf,
  }
}
