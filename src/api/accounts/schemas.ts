import { t } from 'elysia'
import { detailError, integer } from '../shared/index.ts'

export const Credentials = t.Object({
  username: t.String({
    description: 'Letters, digits and @ . + - _, at most 150; case does not matter',
    examples: ['alice'],
  }),
  password: t.String({ description: 'At most 256 characters', examples: ['correct horse battery staple'] }),
})

const token = t.String({
  description: '40 hex characters',
  examples: ['9944b09199c62bcf9418ad846dd0e4bbdfc6ee4b'],
})

export const TokenOnly = t.Object({ token })
export const Session = t.Object({
  token,
  user: t.Object({ id: integer({ examples: [7] }), username: t.String({ examples: ['alice'] }) }),
})
export const Ticket = t.Object({
  ticket: t.String({ examples: ['0fb1c2a8e9d3470b8b5f6a1d2c3e4f5061728394'] }),
  expires_in: integer({ description: 'Seconds', examples: [30] }),
})

/** Responses that any route may give, by what stands in its way. */
const always = {
  429: detailError('Too many requests or guesses; `Retry-After` says in how many seconds'),
  500: detailError('A fault of the server', 'Internal server error'),
  503: detailError('Busy, or cut off from its database; `Retry-After` says in how many seconds'),
}
export const errors = {
  register: { ...always, 400: detailError('Not acceptable'), 409: detailError('The name is taken') },
  login: { ...always, 400: detailError('Not acceptable'), 401: detailError('Wrong credentials') },
  signedIn: { ...always, 401: detailError('No valid identity', 'Invalid token.') },
  tokenAuth: {
    ...always,
    400: t.Object(
      { non_field_errors: t.Array(t.String({ examples: ['Unable to log in with provided credentials.'] })) },
      { description: 'Wrong credentials; other unacceptable input is told as `detail`' },
    ),
  },
}
