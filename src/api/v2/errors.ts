import { ChatError, isRetryable } from '../../core/index.ts'
import { type ErrorResponse, type Problem, responseOf, statusOf } from '../../server/index.ts'
import { detailParts } from './details-bodies.ts'
import { type ErrorCode, type ErrorFrame, ProblemDetails, type RequestId } from './wire/index.ts'

/** The contract's code for each kind of problem. It is the same over the socket and over REST. */
const codes: Readonly<Record<Problem['kind'], ErrorCode>> = {
  invalid: 'invalid',
  unauthenticated: 'unauthenticated',
  forbidden: 'forbidden',
  foreign_page: 'forbidden',
  hidden: 'not_found',
  not_found: 'not_found',
  no_route: 'not_found',
  wrong_method: 'method_not_allowed',
  conflict: 'conflict',
  too_large: 'too_large',
  unsupported_media: 'unsupported_media',
  rate_limited: 'rate_limited',
  overloaded: 'overloaded',
  unavailable: 'unavailable',
  fault: 'internal',
}

const titles: Readonly<Record<ErrorCode, string>> = {
  invalid: 'Invalid input',
  unauthenticated: 'Not signed in',
  forbidden: 'Forbidden',
  not_found: 'Not found',
  method_not_allowed: 'Method not allowed',
  conflict: 'Conflict',
  too_large: 'Too large',
  unsupported_media: 'Unsupported media type',
  rate_limited: 'Too many requests',
  overloaded: 'Overloaded',
  unavailable: 'Unavailable',
  banned: 'Banned',
  muted: 'Muted',
  slow_mode: 'Slow mode',
  posting_restricted: 'Posting restricted',
  blocked: 'Blocked',
  internal: 'Internal server error',
}

function codeOf({ kind, restraint }: Problem): ErrorCode {
  return restraint ?? codes[kind]
}

/** The names of the fields of a message, in requests over REST and over the socket. */
export const restParts = {
  body: 'body',
  kind: 'kind',
  key: 'Idempotency-Key',
  replyTo: 'reply_to',
  inRoom: 'in_room',
  ...detailParts,
}
export const socketParts = { ...restParts, key: 'client_id' }

/** Returns the error frame for a problem. @param id the id of the request, or null if it had no valid one */
export function errorFrame(id: RequestId | null, problem: Problem): ErrorFrame {
  const { kind, message, retryAfterMs, field } = problem
  return {
    type: 'error',
    id,
    code: codeOf(problem),
    message,
    retryable: isRetryable(kind),
    retry_after_ms: Math.ceil(retryAfterMs),
    field,
  }
}

/** Returns the problem details of an error over REST (RFC 9457). */
function problemDetails(problem: Problem): ProblemDetails {
  const { kind, message, retryAfterMs, field } = problem
  const code = codeOf(problem)
  return {
    type: `urn:parley:problem:${code}`,
    title: titles[code],
    status: statusOf[kind],
    detail: message,
    code,
    retryable: isRetryable(kind),
    retry_after_ms: Math.ceil(retryAfterMs),
    field,
  }
}

/** Returns a problem as the contract's response. */
export function errorOf(problem: Problem): ErrorResponse {
  const body = problemDetails(problem)
  return { status: body.status, body, headers: { 'content-type': 'application/problem+json' } }
}

/** Runs the function, and reports an invalid field under the name that it has in this contract. */
export async function withField<T>(from: string, to: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    if (!(error instanceof ChatError) || error.kind !== 'invalid' || error.field !== from) throw error
    throw new ChatError('invalid', error.message, { field: to })
  }
}

const always = {
  429: example('rate_limited', 'Too many requests, try again later'),
  500: example('fault', 'Internal server error'),
  503: example('unavailable', 'The database is not available, try again'),
}
const signedIn = {
  ...always,
  401: example('unauthenticated', 'Authentication credentials were not provided.'),
}
/** Additional responses of routes whose path names something. */
const found = { 404: example('not_found', 'Room not found') }
const allowed = { 403: example('forbidden', 'You are not allowed to do this in this room') }
const invalid = { 400: example('invalid', 'limit: must be a whole number from 1 to 200', 'limit') }
const conflict = { 409: example('conflict', 'A room with this name already exists') }
const body = {
  400: example('invalid', 'body must not be empty', 'body'),
  413: example('too_large', 'The body must have at most 65536 bytes'),
  415: example('unsupported_media', 'Unsupported media type in request.'),
}

/**
 * The error responses of the routes, by what the routes do, for the documentation. A request that changes something is refused if it
 * uses the session cookie from a page of another origin, so each such route documents 403.
 */
const change = { ...signedIn, ...allowed, ...body }

export const errors = {
  register: { ...always, ...body, ...conflict, 403: example('forbidden', 'Registration is closed') },
  login: {
    ...always,
    ...body,
    401: example('unauthenticated', 'Unable to log in with provided credentials.'),
  },
  read: signedIn,
  list: { ...signedIn, ...invalid },
  readOne: { ...signedIn, ...found },
  readRoom: { ...signedIn, ...found, ...allowed },
  listRoom: { ...signedIn, ...found, ...allowed, ...invalid },
  change,
  changeOne: { ...signedIn, ...allowed, ...body, ...found },
  create: { ...signedIn, ...allowed, ...body, ...conflict },
  changeRoom: { ...signedIn, ...allowed, ...body, ...found, ...conflict },
  /** For streams of events: a page of another origin must not use the session. */
  stream: { ...change, ...conflict },
  upload: {
    ...signedIn,
    ...allowed,
    ...found,
    400: example('invalid', 'file: is required', 'file'),
    413: example('too_large', 'The file must have at most 26214400 bytes'),
    415: example('unsupported_media', 'Send the file as multipart/form-data.'),
  },
  /** For a file by its link, which needs no credential. */
  file: {
    ...always,
    400: example('invalid', 'query key: Expected string', 'key'),
    403: example('forbidden', 'The link has expired'),
    404: example('not_found', 'The file is no longer there'),
  },
  /** For the handshake, which needs no credential. */
  socket: {
    ...signedIn,
    ...allowed,
    400: example('invalid', 'This path is for WebSocket connections'),
  },
}

function example(kind: Problem['kind'], message: string, field: string | null = null) {
  const shown = problemDetails({ kind, message, retryAfterMs: kind === 'rate_limited' ? 1500 : 0, field })
  return responseOf(ProblemDetails, {
    description: shown.title,
    example: shown,
    mediaType: 'application/problem+json',
    name: shown.title.replaceAll(/ (.)/g, (_, letter: string) => letter.toUpperCase()),
  })
}
