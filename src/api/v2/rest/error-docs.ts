import { Type } from '@sinclair/typebox'
import { t } from 'elysia'
import { type Problem, statusOf } from '../../../server/index.ts'
import { problemDetails } from '../problems.ts'
import { ProblemDetails } from '../wire/index.ts'

/*
 * What routes answer instead of what was asked for, by what they do, for the documentation.
 */

const always = {
  429: problem('rate_limited', 'Too many requests, try again later'),
  500: problem('fault', 'Internal server error'),
  503: problem('unavailable', 'The database is not available, try again'),
}

const signedIn = {
  ...always,
  401: problem('unauthenticated', 'Authentication credentials were not provided.'),
}

/** For routes whose path names something. */
const found = { 404: problem('not_found', 'Room not found') }
const allowed = { 403: problem('forbidden', 'You are not allowed to do this in this room') }
const invalid = { 400: problem('invalid', 'limit: must be a whole number from 1 to 200', 'limit') }
const conflict = { 409: problem('conflict', 'A room with this name already exists') }
const body = {
  400: problem('invalid', 'body must not be empty', 'body'),
  413: problem('too_large', 'The body must have at most 65536 bytes'),
  415: problem('unsupported_media', 'Unsupported media type in request.'),
}

/** A request that changes something is refused to the session cookie on a foreign page: hence 403 wherever one does. */
export const errors = {
  register: { ...always, ...body, ...conflict, 403: problem('forbidden', 'Registration is closed') },
  login: {
    ...always,
    ...body,
    401: problem('unauthenticated', 'Unable to log in with provided credentials.'),
  },
  read: signedIn,
  list: { ...signedIn, ...invalid },
  readOne: { ...signedIn, ...found },
  readRoom: { ...signedIn, ...found, ...allowed },
  listRoom: { ...signedIn, ...found, ...allowed, ...invalid },
  change: { ...signedIn, ...allowed, ...body },
  changeOne: { ...signedIn, ...allowed, ...body, ...found },
  create: { ...signedIn, ...allowed, ...body, ...conflict },
  changeRoom: { ...signedIn, ...allowed, ...body, ...found, ...conflict },
  /** Where a socket is opened; it may stay without an identity. */
  socket: {
    ...signedIn,
    ...allowed,
    400: problem('invalid', 'This path is for WebSocket connections'),
  },
}

function problem(kind: Problem['kind'], message: string, field: string | null = null) {
  const example = problemDetails({ kind, message, retryAfterMs: statusOf[kind] === 429 ? 1500 : 0, field })
  const { type, title, status, detail, retry_after_ms, ...rest } = ProblemDetails.properties
  return t.Object(
    {
      type: t.String({ ...type, examples: [example.type] }),
      title: t.String({ ...title, examples: [example.title] }),
      status: Type.Integer({ ...status, examples: [example.status] }),
      detail: t.String({ ...detail, examples: [example.detail] }),
      retry_after_ms: Type.Integer({ ...retry_after_ms, examples: [example.retry_after_ms] }),
      ...rest,
    },
    { description: example.title, 'x-media-type': 'application/problem+json' },
  )
}
