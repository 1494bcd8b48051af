import { type Static, Type } from '@sinclair/typebox'
import { Id } from './common.ts'

/** A closed list, so that a client can handle each. The same over the socket and over REST. */
export const ErrorCode = Type.Union(
  [
    Type.Literal('invalid'),
    Type.Literal('unauthenticated'),
    Type.Literal('forbidden'),
    Type.Literal('not_found'),
    Type.Literal('method_not_allowed'),
    Type.Literal('conflict'),
    Type.Literal('too_large'),
    Type.Literal('unsupported_media'),
    Type.Literal('rate_limited'),
    Type.Literal('overloaded'),
    Type.Literal('unavailable'),
    Type.Literal('internal'),
    Type.Literal('banned'),
    Type.Literal('muted'),
    Type.Literal('slow_mode'),
    Type.Literal('posting_restricted'),
    Type.Literal('blocked'),
  ],
  { description: 'The kind of error' },
)
export type ErrorCode = Static<typeof ErrorCode>

const common = {
  code: ErrorCode,
  retryable: Type.Boolean({ description: 'Whether the same request can succeed later without a change' }),
  retry_after_ms: Type.Integer({
    minimum: 0,
    description: 'Milliseconds after which a retry may succeed; 0 if unknown',
    examples: [0],
  }),
  field: Type.Union([Type.String(), Type.Null()], {
    description: 'The field of the input that is wrong, if there is one',
  }),
}

/** RFC 9457. */
export const ProblemDetails = Type.Object(
  {
    type: Type.String({ examples: ['urn:parley:problem:not_found'] }),
    title: Type.String({ examples: ['Not found'] }),
    status: Type.Integer({ minimum: 400, maximum: 599, examples: [404] }),
    detail: Type.String({ examples: ['Room not found'] }),
    ...common,
  },
  { description: 'Problem details (RFC 9457), as application/problem+json' },
)
export type ProblemDetails = Static<typeof ProblemDetails>

export const RequestId = Type.Union([Id, Type.String({ minLength: 1, maxLength: 64 })], {
  description: 'The id of the request, chosen by the client',
})
export type RequestId = Static<typeof RequestId>

export const ErrorFrame = Type.Object(
  {
    type: Type.Literal('error'),
    id: Type.Union([RequestId, Type.Null()]),
    message: Type.String({ examples: ['Room not found'] }),
    ...common,
  },
  { description: 'A request was refused; `id` is null if the frame had no valid one' },
)
export type ErrorFrame = Static<typeof ErrorFrame>
