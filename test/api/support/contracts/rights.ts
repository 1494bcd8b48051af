import type { Person } from './people.ts'

/** Something that belongs to others: a room or a direct chat, with one message in it. */
export interface Target {
  readonly kind: 'private' | 'game' | 'direct'
  readonly id: number
  /** A direct chat has no name, so its id is used. */
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

/** What a route must do for a user without rights to the target. */
export type Case =
  /** It refuses them. */
  | {
      readonly kind: 'refuses'
      readonly request: (target: Target, caller: Person) => Request
      readonly refusal: (target: Target) => Refusal
    }
  /** It lists things, without anything of the target. */
  | { readonly kind: 'hides'; readonly request: Request }
  /** It concerns only the caller, or what every signed-in user may see. */
  | { readonly kind: 'own'; readonly request: Request }
  /** It needs no credential. */
  | { readonly kind: 'open' }

/** Every route of the server, by method and path as in the server's OpenAPI document. */
export const cases: Readonly<Record<string, Case>> = {
  'POST /api/auth/register': { kind: 'open' },
  'POST /api/auth/login': { kind: 'open' },
  'POST /api-token-auth': { kind: 'open' },
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

  'GET /api/chat/groups': hides('/api/chat/groups/'),
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

  'POST /api/v2/users': { kind: 'open' },
  'POST /api/v2/tokens': { kind: 'open' },
  // Its clients may identify themselves later.
  'GET /api/v2/socket': { kind: 'open' },
  'GET /api/v2/users': own('/api/v2/users'),
  'GET /api/v2/users/{user}': own('/api/v2/users/1'),
  'GET /api/v2/me': own('/api/v2/me'),
  'GET /api/v2/me/changes': own('/api/v2/me/changes'),
  'GET /api/v2/me/private': hides('/api/v2/me/private'),
  'GET /api/v2/me/drafts': hides('/api/v2/me/drafts'),
  'GET /api/v2/me/drafts/{room}': v2Draft(),
  'PUT /api/v2/me/drafts/{room}': v2Draft({ text: 'let me in' }),
  'DELETE /api/v2/me/drafts/{room}': v2Draft(),
  'GET /api/v2/me/saved': hides('/api/v2/me/saved'),
  'PUT /api/v2/me/saved/{room}/{seq}': v2Saved(),
  // Someone who may no longer read a message may remove it from those that they have saved.
  'DELETE /api/v2/me/saved/{room}/{seq}': own('/api/v2/me/saved/1/1'),
  'PATCH /api/v2/me': own('/api/v2/me', { first_name: 'Eve' }),
  'PUT /api/v2/me/password': own('/api/v2/me/password', { current_password: 'a', new_password: 'b' }),
  'GET /api/v2/me/tokens': own('/api/v2/me/tokens'),
  'POST /api/v2/me/tokens': own('/api/v2/me/tokens'),
  'DELETE /api/v2/me/tokens': own('/api/v2/me/tokens'),
  'DELETE /api/v2/me/tokens/{id}': own('/api/v2/me/tokens/current'),
  'POST /api/v2/me/tickets': own('/api/v2/me/tickets'),
  'POST /api/v2/rooms': own('/api/v2/rooms', { name: 'my own, as well', kind: 'private' }),
  'POST /api/v2/directs': own('/api/v2/directs', { user: 1 }),
  'GET /api/v2/rooms': hides('/api/v2/rooms'),
  'GET /api/v2/unread': hides('/api/v2/unread'),
  'GET /api/v2/recent': hides('/api/v2/recent'),
  'GET /api/v2/me/threads': hides('/api/v2/me/threads'),
  'GET /api/v2/mentions': hides('/api/v2/mentions'),
  'GET /api/v2/events': own('/api/v2/events'),
  'POST /api/v2/events': own('/api/v2/events', { rooms: [] }),
  'POST /api/v2/poll': own('/api/v2/poll', { rooms: [] }),
  // Its URLs are signed.
  'GET /api/v2/files/{attachment}/{variant}': { kind: 'open' },
  'GET /api/v2/search': hides('/api/v2/search?q=message'),
  'GET /api/v2/search/rooms': hides('/api/v2/search/rooms?name=room'),
  'GET /api/v2/rooms/{room}': v2Room(''),
  'PATCH /api/v2/rooms/{room}': v2Room('', { description: 'mine' }),
  'DELETE /api/v2/rooms/{room}': v2Room(''),
  'GET /api/v2/rooms/{room}/snapshot': v2Room('/snapshot'),
  'GET /api/v2/rooms/{room}/members': v2Room('/members'),
  'GET /api/v2/rooms/{room}/members/{user}': v2Room('/members/me'),
  'PUT /api/v2/rooms/{room}/members/me': v2Room('/members/me'),
  'PATCH /api/v2/rooms/{room}/members/{user}': v2Room('/members/me', { role: 'owner' }),
  'DELETE /api/v2/rooms/{room}/members/{user}': v2Room('/members/1'),
  'GET /api/v2/rooms/{room}/invitations': v2Room('/invitations'),
  'POST /api/v2/rooms/{room}/invitations': v2Room('/invitations', { users: [1] }),
  'DELETE /api/v2/rooms/{room}/invitations/{user}': v2Room('/invitations/me'),
  'GET /api/v2/rooms/{room}/messages': v2Room('/messages'),
  'POST /api/v2/rooms/{room}/messages': v2Room('/messages', { body: 'let me in' }),
  'GET /api/v2/rooms/{room}/messages/{seq}': v2Room('/messages/1'),
  'PATCH /api/v2/rooms/{room}/messages/{seq}': v2Room('/messages/1', { body: 'nothing was said' }),
  'DELETE /api/v2/rooms/{room}/messages/{seq}': v2Room('/messages/1'),
  'POST /api/v2/rooms/{room}/ephemeral': v2Room('/ephemeral', { user: 1, body: 'x' }),
  'GET /api/v2/rooms/{room}/messages/{seq}/revisions': v2Room('/messages/1/revisions'),
  'GET /api/v2/rooms/{room}/messages/{seq}/reactions': v2Room('/messages/1/reactions'),
  'PUT /api/v2/rooms/{room}/messages/{seq}/reactions/{reaction}': v2Room('/messages/1/reactions/a'),
  'DELETE /api/v2/rooms/{room}/messages/{seq}/reactions/{reaction}': v2Room('/messages/1/reactions/a'),
  'GET /api/v2/rooms/{room}/pins': v2Room('/pins'),
  'PUT /api/v2/rooms/{room}/messages/{seq}/pin': v2Room('/messages/1/pin'),
  'DELETE /api/v2/rooms/{room}/messages/{seq}/pin': v2Room('/messages/1/pin'),
  'GET /api/v2/rooms/{room}/messages/{seq}/thread': v2Room('/messages/1/thread'),
  'PUT /api/v2/rooms/{room}/messages/{seq}/thread/follow': v2Room('/messages/1/thread/follow'),
  'DELETE /api/v2/rooms/{room}/messages/{seq}/thread/follow': v2Room('/messages/1/thread/follow'),
  'GET /api/v2/rooms/{room}/messages/{seq}/thread/notifications': v2Room('/messages/1/thread/notifications'),
  'PUT /api/v2/rooms/{room}/messages/{seq}/thread/notifications': v2Room('/messages/1/thread/notifications', {
    level: 'none',
  }),
  'DELETE /api/v2/rooms/{room}/messages/{seq}/thread/notifications': v2Room(
    '/messages/1/thread/notifications',
  ),
  'GET /api/v2/rooms/{room}/notifications': v2Room('/notifications'),
  'PUT /api/v2/rooms/{room}/notifications': v2Room('/notifications', { level: 'none' }),
  'PUT /api/v2/rooms/{room}/messages/{seq}/thread/read': v2Room('/messages/1/thread/read', { seq: 1 }),
  'POST /api/v2/rooms/{room}/attachments': v2Room('/attachments'),
  'GET /api/v2/rooms/{room}/attachments': v2Room('/attachments?ids=1'),
  'GET /api/v2/rooms/{room}/attachments/{attachment}': v2Room('/attachments/1'),
  'GET /api/v2/rooms/{room}/attachments/{attachment}/file': v2Room('/attachments/1/file'),
  'POST /api/v2/rooms/{room}/uploads': v2Room('/uploads', { name: 'a.txt', size: 1 }),
  'POST /api/v2/rooms/{room}/uploads/complete': v2Room('/uploads/complete', { upload: 'x' }),
  'GET /api/v2/rooms/{room}/changes': v2Room('/changes'),
  'GET /api/v2/rooms/{room}/bans': v2Room('/bans'),
  'PUT /api/v2/rooms/{room}/bans/{user}': v2Room('/bans/1', {}),
  'DELETE /api/v2/rooms/{room}/bans/{user}': v2Room('/bans/1'),
  'GET /api/v2/rooms/{room}/mutes': v2Room('/mutes'),
  'PUT /api/v2/rooms/{room}/mutes/{user}': v2Room('/mutes/1', {}),
  'DELETE /api/v2/rooms/{room}/mutes/{user}': v2Room('/mutes/1'),
  'POST /api/v2/rooms/{room}/messages/{seq}/report': v2Room('/messages/1/report', { reason: 'spam' }),
  'GET /api/v2/rooms/{room}/reports': v2Room('/reports'),
  'PUT /api/v2/rooms/{room}/reports/{report}': v2Room('/reports/1', { outcome: 'acted' }),
  'GET /api/v2/rooms/{room}/audit': v2Room('/audit'),
  'GET /api/v2/me/blocks': own('/api/v2/me/blocks'),
  'PUT /api/v2/me/blocks/{user}': own('/api/v2/me/blocks/1'),
  'DELETE /api/v2/me/blocks/{user}': own('/api/v2/me/blocks/1'),
  'PUT /api/v2/rooms/{room}/marks': v2Room('/marks', { read_seq: 1 }),
  'PUT /api/v2/rooms/{room}/marks/unread': v2Room('/marks/unread', { seq: 1 }),
  'GET /api/v2/rooms/{room}/presence': v2Room('/presence'),
}

/** Returns the body of an error, in the shape of the path's contract. */
export function errorBody(path: string, status: number, text: string): unknown {
  if (path.startsWith('/api/v2/')) return problem(status, text)
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

/** A route that takes a room's name cannot find a direct chat. */
function byName(key: string, status: number, room: string, direct: string) {
  return ({ kind }: Target): Refusal =>
    kind === 'direct' ? { status: 404, body: { [key]: direct } } : { status, body: { [key]: room } }
}

/** The contract answers 403 to users who may not enter. */
function notAuthorized(): Refusal {
  return { status: 403, body: { error: 'You are not authorized to join this room' } }
}

function v2Room(what: string, json?: unknown): Case {
  return refuses(
    ({ id }) => ({ path: `/api/v2/rooms/${id}${what}`, json }),
    () => ({ status: 404, body: problem(404, 'Room not found') }),
  )
}

function v2Draft(json?: unknown): Case {
  return refuses(
    ({ id }) => ({ path: `/api/v2/me/drafts/${id}`, json }),
    () => ({ status: 404, body: problem(404, 'Room not found') }),
  )
}

function v2Saved(): Case {
  return refuses(
    ({ id }) => ({ path: `/api/v2/me/saved/${id}/1` }),
    () => ({ status: 404, body: problem(404, 'Room not found') }),
  )
}

function problem(status: number, detail: string): unknown {
  const [code, title] = status === 401 ? ['unauthenticated', 'Not signed in'] : ['not_found', 'Not found']
  const type = `urn:parley:problem:${code}`
  return { type, title, status, detail, code, retryable: false, retry_after_ms: 0, field: null }
}

/** The target looks nonexistent. */
function hidden(): Refusal {
  return { status: 404, body: { detail: 'Room not found' } }
}
