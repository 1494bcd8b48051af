import { t } from 'elysia'
import { responseOf } from '../../server/index.ts'

export const DetailError = t.Object({ detail: t.String({ examples: ['Error message here'] }) })
export const ErrorText = t.Object({ error: t.String({ examples: ['Error message here'] }) })

/** Documents an error whose body is `{"detail": "…"}`, with the meaning of its status. */
export function detailError(description: string, example = 'Error message here') {
  return responseOf(DetailError, { description, example: { detail: example } })
}

/** Documents an error whose body is `{"error": "…"}`, with the meaning of its status. */
export function errorError(description: string, example = 'Error message here') {
  return responseOf(ErrorText, { description, example: { error: example } })
}

/** Returns the error responses that routes of every contract have. Each group includes the one before. */
export function commonErrors<Body>(shape: (description: string, example?: string) => Body) {
  const always = {
    429: shape('Too many requests; `Retry-After` gives the seconds to wait'),
    500: shape('Server fault', 'Internal server error'),
    503: shape('Overloaded, or the database is unavailable; `Retry-After` gives the seconds to wait'),
  }
  const signedIn = {
    ...always,
    401: shape('No valid credential', 'Authentication credentials were not provided.'),
  }
  return {
    always,
    signedIn,
    /** Routes that change something refuse the session cookie from a page of another origin. */
    changing: {
      ...signedIn,
      403: shape('Not allowed for the caller', 'This origin may not use the session'),
    },
    /** Additional responses of routes that take a body. */
    body: {
      400: shape('Invalid'),
      413: shape('The body is too large'),
      415: shape('The body is neither JSON nor a form', 'Unsupported media type in request.'),
    },
  }
}
