/*
 * The socket that four contracts share: /ws/chat/{x}/. Digits alone name a direct chat by its id, anything else a room.
 *
 * Imports core, server and api/shared. `room-…` is the one side, `direct-…` the other; here is the door.
 */
import { Elysia, t } from 'elysia'
import { ChatError, type RoomId, type User } from '../../core/index.ts'
import {
  Connection,
  type Contract,
  type Identity,
  type Problem,
  type Server,
  type SessionFactory,
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
    if (identity === null && !allowGuests) throw missing()
    if (identity === null) {
      const { room } = await chat.rooms.standing({ name }, null)
      if (room.kind !== 'public') throw missing()
    }
    const user = identity?.user ?? (await chat.accounts.guest())
    const { room } = await chat.membership.join({ name }, user)
    // A guest is gone with their socket.
    const onClosed = () => (identity === null ? leave(user, room.id) : undefined)
    const label = { id: room.id, name: room.name ?? '' }
    // From the handshake on nothing is missed, however soon the client speaks.
    try {
      return open(request, user, identity, (connection) =>
        roomSession(server, connection, label, room.lastSeq, onClosed),
      )
    } catch (error) {
      onClosed()
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
    return open(request, user, identity, (connection) => directSession(server, connection, id))
  }

  function open(request: Request, user: User, identity: Identity | null, session: SessionFactory): Response {
    // Who comes without an identity is a guest: whoever else does was refused before.
    const speaker = { ...speakerOf(user, identity), ...(identity === null ? { guest: true as const } : {}) }
    return server.upgrade(request, new Connection(speaker, session))
  }

  function leave(user: User, room: RoomId): void {
    chat.membership
      .leave({ id: room }, user)
      .catch((error: unknown) => server.log.warn({ err: error }, 'a guest could not be taken out'))
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

function missing(): ChatError {
  return new ChatError('unauthenticated', 'Authentication credentials were not provided.')
}
