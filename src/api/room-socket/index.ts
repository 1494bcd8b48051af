/*
 * The socket that four contracts share: /ws/chat/{x}/. Digits alone name a direct chat by its id, anything else a room.
 *
 * Imports core, server and api/shared. `room-…` is the one side, `direct-…` the other; here is the door.
 */
import { Elysia, t } from 'elysia'
import { ChatError, type Room } from '../../core/index.ts'
import {
  Connection,
  type Contract,
  type Problem,
  type RoomLabel,
  type Server,
  type SessionFactory,
  type Speaker,
  statusOf,
} from '../../server/index.ts'
import { commonErrors, errorError, parseId, pathText, speakerOf } from '../shared/index.ts'
import { directSession } from './direct-session.ts'
import { roomSession } from './room-session.ts'

export interface RoomSocketOptions {
  /** Whether a socket without a token may enter public rooms, under a made-up name. */
  readonly allowGuests: boolean
}

export function roomSocket(server: Server, options: RoomSocketOptions): Contract {
  return { name: 'room-socket', prefixes: ['/ws/'], routes: routes(server, options), error: roomSocketError }
}

function routes(server: Server, { allowGuests }: RoomSocketOptions) {
  const { chat } = server

  async function intoRoom(request: Request, name: string): Promise<Response> {
    const source = { secure: server.secure(request), query: true, nameless: allowGuests }
    const identity = await server.identities.find(request, source)
    if (identity === null) return intoRoomAsGuest(request, name)
    const { room } = await chat.membership.join({ name }, identity.user)
    // From the handshake on nothing is missed, however soon the client speaks.
    return open(request, speakerOf(identity.user, identity), (connection) =>
      roomSession(server, connection, labelOf(room), room.lastSeq, () => undefined),
    )
  }

  async function intoRoomAsGuest(request: Request, name: string): Promise<Response> {
    if (!allowGuests) throw missing()
    const { room: wanted } = await chat.rooms.standing({ name }, null)
    if (wanted.kind !== 'public') throw missing()
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
      secure: server.secure(request),
      query: true,
    })
    const { user } = identity
    const id = parseId(digits)
    if (id === null) throw new ChatError('not_found', 'Chat not found')
    const standing = await chat.rooms.standing({ id }, user.id)
    if (standing.room.kind !== 'direct') throw new ChatError('not_found', 'Chat not found')
    if (standing.role === null) throw new ChatError('forbidden', 'You are not a participant of this chat')
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
      detail: { summary: 'The socket of a room or a direct chat (WebSocket handshake)' },
    },
  )
}

const errors = {
  ...commonErrors(errorError).signedIn,
  400: errorError('Not a WebSocket handshake', 'This path is for WebSocket connections'),
  403: errorError('Not for the caller', 'You are not allowed in this room'),
  404: errorError('No such room or chat', 'Room not found'),
}

function roomSocketError(problem: Problem, path: string): { status: number; body: unknown } {
  // Whatever an id belongs to, if not to a direct chat: the answer is the same.
  if (problem.kind === 'not_found' && /^\/ws\/chat\/[0-9]+\/?$/.test(path)) {
    return { status: 404, body: { error: 'Chat not found' } }
  }
  if (problem.kind === 'hidden') return { status: 403, body: { error: 'You are not allowed in this room' } }
  return { status: statusOf[problem.kind], body: { error: problem.message } }
}

function labelOf({ id, name }: Room): RoomLabel {
  return { id, name: name ?? '' }
}

function missing(): ChatError {
  return new ChatError('unauthenticated', 'Authentication credentials were not provided.')
}
