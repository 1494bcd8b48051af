import type { Person } from './people.ts'

/** Something that belongs to others: a room or a direct chat, with one message in it. */
export interface Target {
  readonly kind: 'private' | 'game' | 'direct'
  readonly id: number
  /** A direct chat has none: what it is called by is its id. */
  readonly name: string
}

export interface Refusal {
  readonly status: number
  readonly body: unknown
}

export interface Request {
  readonly path: string
  readonly json?: unknown
}

/** What a route has to do with somebody who has no right to the target. */
export type Case =
  /** It refuses them. */
  | {
      readonly kind: 'refuses'
      readonly request: (target: Target, caller: Person) => Request
      readonly refusal: (target: Target) => Refusal
    }
  /** It lists things, and nothing of the target is among them. */
  | { readonly kind: 'hides'; readonly request: Request }
  /** It concerns nobody but the caller, or what all may see who are signed in. */
  | { readonly kind: 'own'; readonly request: Request }
  /** It needs no identity. */
  | { readonly kind: 'open' }

/** Every route of the server, by its method and its path as the server's own document has it. */
export const cases: Readonly<Record<string, Case>> = {
  'POST /api/auth/register': { kind: 'open' },
  'POST /api/auth/login': { kind: 'open' },
  'POST /api-token-auth/': { kind: 'open' },
  'GET /healthz': { kind: 'open' },
  'GET /readyz': { kind: 'open' },
  'POST /api/v1/users': { kind: 'open' },
  'POST /api/auth/logout': own('/api/auth/logout'),
  'POST /api/auth/ticket': own('/api/auth/ticket'),

  'POST /chat/create-room': own('/chat/create-room/', { name: 'my own' }),
  'POST /chat/join-room': refuses(
    ({ id }) => ({ path: '/chat/join-room/', json: { room_id: id } }),
    () => ({ status: 403, body: { error: 'You are not authorized to join this room' } }),
  ),
  'GET /chat/rooms': hides('/chat/rooms/'),
  'DELETE /chat/rooms/{id}': refuses(({ id }) => ({ path: `/chat/rooms/${id}/` }), notAuthorized),
  'POST /chat/rooms/{id}/invite': refuses(
    ({ id }, caller) => ({ path: `/chat/rooms/${id}/invite/`, json: { users: [caller.id] } }),
    notAuthorized,
  ),
  'GET /chat/rooms/{id}/messages': refuses(
    ({ id }) => ({ path: `/chat/rooms/${id}/messages/` }),
    notAuthorized,
  ),

  'POST /chat/send': refuses(
    ({ name }) => ({ path: '/chat/send/', json: { message: 'let me in', room: name } }),
    byName('error', 403, 'You are not allowed in this room', 'Room not found'),
  ),
  'GET /chat/history': refuses(
    ({ name }) => ({ path: `/chat/history/?room=${encodeURIComponent(name)}` }),
    byName('error', 403, 'You are not allowed in this room', 'Room not found'),
  ),

  'GET /api/users': own('/api/users/'),
  'GET /api/chats': hides('/api/chats/'),
  'POST /api/chats/create': own('/api/chats/create/', { user_id: 1 }),

  'GET /api/chat/groups/': hides('/api/chat/groups/'),
  'GET /api/chat/groups/all': hides('/api/chat/groups/all/'),
  'POST /api/chat/groups/{room}/join': group('join'),
  'POST /api/chat/groups/{room}/leave': group('leave'),
  'GET /api/chat/groups/{room}/members': group('members'),
  'GET /api/chat/groups/{room}/messages': group('messages'),

  'GET /ws/chat/{room}': refuses(
    ({ name }) => ({ path: `/ws/chat/${encodeURIComponent(name)}/` }),
    ({ kind }) => ({
      status: 403,
      body: {
        error:
          kind === 'direct' ? 'You are not a participant of this chat' : 'You are not allowed in this room',
      },
    }),
  ),

  'POST /api/v1/rooms': own('/api/v1/rooms', { name: 'my own, too' }),
  'GET /api/v1/rooms': hides('/api/v1/rooms'),
  'GET /api/v1/rooms/{room_id}': refuses(({ id }) => ({ path: `/api/v1/rooms/${id}` }), hidden),
  'GET /api/v1/users': own('/api/v1/users'),
  'GET /api/v1/users/{user_id}': own('/api/v1/users/1'),
  'POST /api/v1/rooms/{room_id}/messages': refuses(
    ({ id }, caller) => ({
      path: `/api/v1/rooms/${id}/messages`,
      json: { content: 'let me in', user_id: String(caller.id), type: 'text' },
    }),
    hidden,
  ),
  'GET /api/v1/rooms/{room_id}/messages': refuses(
    ({ id }) => ({ path: `/api/v1/rooms/${id}/messages` }),
    hidden,
  ),
  'GET /api/v1/ws/{room_id}/{user_id}': refuses(
    ({ id }, caller) => ({ path: `/api/v1/ws/${id}/${caller.id}` }),
    hidden,
  ),
}

/** The body of an error of the contract that the path belongs to. */
export function errorBody(path: string, status: number, text: string): unknown {
  const isError = /^\/(chat|ws)\//.test(path) || (/^\/api\/(users|chats)\b/.test(path) && status === 400)
  return isError ? { error: text } : { detail: text }
}

function refuses(
  request: (target: Target, caller: Person) => Request,
  refusal: (target: Target) => Refusal,
): Case {
  return { kind: 'refuses', request, refusal }
}

function hides(path: string): Case {
  return { kind: 'hides', request: { path } }
}

function own(path: string, json?: unknown): Case {
  return { kind: 'own', request: { path, json } }
}

function group(what: string): Case {
  return refuses(
    ({ name }) => ({ path: `/api/chat/groups/${encodeURIComponent(name)}/${what}/` }),
    byName('detail', 403, 'You are not a member of this room.', 'Not found.'),
  )
}

/** Where a room is meant by its name, a direct chat is not there at all. */
function byName(key: string, status: number, room: string, direct: string) {
  return ({ kind }: Target): Refusal =>
    kind === 'direct' ? { status: 404, body: { [key]: direct } } : { status, body: { [key]: room } }
}

/** The contract tells who may not enter that they may not. */
function notAuthorized(): Refusal {
  return { status: 403, body: { error: 'You are not authorized to join this room' } }
}

/** As if it were not there. */
function hidden(): Refusal {
  return { status: 404, body: { detail: 'Room not found' } }
}
