import { t } from 'elysia'

/** An error's body `{"detail": "…"}` with what its status means, for a route's list of responses. */
export function detailError(description: string, example = 'Error message here') {
  return t.Object({ detail: t.String({ examples: [example] }) }, { description })
}

/** The same as `{"error": "…"}`. */
export function errorError(description: string, example = 'Error message here') {
  return t.Object({ error: t.String({ examples: [example] }) }, { description })
}
