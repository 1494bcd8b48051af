/*
 * The socket that four contracts share: /ws/chat/{x}/. An x of digits only is the id of a direct chat, anything else the name of a room.
 *
 * Imports core, server and api/shared. `room-…` serves rooms, `direct-…` direct chats; this file decides which.
 */
import { Elysia, t } from 'elysia'
import type { Room } from '../../core/index.ts'
import {
  Connection,
  type Contract,
  type RoomLabel,
  type Server,
  type SessionFactory,
  type Speaker,
} from '../../server/index.ts'
import { ErrorText, notSignedIn, parseId, pathText, speakerOf } from '../shared/index.ts'
import { directSession } from './direct-session.ts'
import { errorOf, errors, noChat, notParticipant } from './errors.ts'
import { roomSession } from './room-session.ts'

export interface RoomSocketOptions {
  /** Whether a socket without a token may enter public rooms, under a generated name. */
  readonly allowGuests: boolean
}

export function roomSocket(server: Server, options: RoomSocketOptions): Contract {
  return {
    name: 'room-socket',
    prefixes: ['/ws/'],
    routes: routes(server, options),
    docs: { about: 'The socket that four contracts share.', schemas: { ErrorText } },
    error: errorOf,
  }
}

function routes(server: Server, { allowGuests }: RoomSocketOptions) {
  const { chat } = server

  async function intoRoom(request: Request, name: string): Promise<Response> {
    const source = { own: server.clientSide(request).origin, query: true, nameless: allowGuests }
    const identity = await server.identities.find(request, source)
    if (identity === null) return intoRoomAsGuest(request, name)
    const { room } = await chat.membership.join({ name }, identity.user)
    // The room is entered before the handshake completes, so the socket misses nothing, even if the client sends at once.
    return open(request, speakerOf(identity.user, identity), (connection) =>
      roomSession(server, connection, labelOf(room), room.lastSeq, () => undefined),
    )
  }

  async function intoRoomAsGuest(request: Request, name: string): Promise<Response> {
    if (!allowGuests) throw notSignedIn()
    const { room: wanted } = await chat.rooms.accessFacts({ name }, null)
    if (wanted.kind !== 'public') throw notSignedIn()
    const { user, room, leave } = await chat.guests.enter({ name }, server.source(request))
    try {
      return open(request, { ...speakerOf(user, null), guest: true }, (connection) =>
        roomSession(server, connection, labelOf(room), room.lastSeq, leave),
      )
    } catch (error) {
      leave()
      throw error
    }
  }

  async function intoDirect(request: Request, digits: string): Promise<Response> {
    const identity = await server.identities.require(request, {
      own: server.clientSide(request).origin,
      query: true,
    })
    const { user } = identity
    const id = parseId(digits)
    if (id === null) throw noChat()
    const access = await chat.rooms.accessFacts({ id }, user.id)
    if (access.room.kind !== 'direct') throw noChat()
    if (access.role === null) throw notParticipant()
    return open(request, speakerOf(user, identity), (connection) => directSession(server, connection, id))
  }

  function open(request: Request, speaker: Speaker, session: SessionFactory): Response {
    return server.upgrade(request, new Connection(speaker, session))
  }

  return new Elysia({ name: 'room-socket', detail: { tags: ['Sockets'] } }).get(
    '/ws/chat/:room',
    ({ params, request }) => {
      server.expectUpgrade(request)
      return /^[0-9]+$/.test(params.room) ? intoDirect(request, params.room) : intoRoom(request, params.room)
    },
    {
      params: t.Object({
        room: pathText("A room's name, percent-encoded, or a direct chat's id", 'my_room'),
      }),
      response: errors,
      detail: {
        operationId: 'openRoomSocket',
        summary: 'Open the socket of a room or a direct chat (WebSocket handshake)',
      },
    },
  )
}

function labelOf({ id, name }: Room): RoomLabel {
  return { id, name: name ?? '' }
}
