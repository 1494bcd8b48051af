import { t } from 'elysia'
import { responseOf } from '../../server/index.ts'

export const DetailError = t.Object({ detail: t.String({ examples: ['Error message here'] }) })
export const ErrorText = t.Object({ error: t.String({ examples: ['Error message here'] }) })

/** An error's body `{"detail": "…"}` with what its status means, for a route's list of responses. */
export function detailError(description: string, example = 'Error message here') {
  return responseOf(DetailError, { description, example: { detail: example } })
}

/** The same as `{"error": "…"}`. */
export function errorError(description: string, example = 'Error message here') {
  return responseOf(ErrorText, { description, example: { error: example } })
}

/** What routes answer whatever contract they belong to, by what stands in their way; each group holds the one before. */
export function commonErrors<Body>(shape: (description: string, example?: string) => Body) {
  const always = {
    429: shape('Too many requests; `Retry-After` says in how many seconds'),
    500: shape('A fault of the server', 'Internal server error'),
    503: shape('Busy, or cut off from its database; `Retry-After` says in how many seconds'),
  }
  const signedIn = {
    ...always,
    401: shape('No valid identity', 'Authentication credentials were not provided.'),
  }
  return {
    always,
    signedIn,
    /** What changes something is refused to the session cookie on a foreign page. */
    changing: { ...signedIn, 403: shape('Not for the caller', 'This origin may not use the session') },
    /** For routes that take a body, beside what stands in their way. */
    body: {
      400: shape('Not acceptable'),
      413: shape('The body is too large'),
      415: shape('The body is neither JSON nor a form', 'Unsupported media type in request.'),
    },
  }
}
