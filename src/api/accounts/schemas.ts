import { t } from 'elysia'
import { commonErrors, detailError, integer } from '../shared/index.ts'

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

const { always, body, changing } = commonErrors(detailError)

export const errors = {
  register: {
    ...always,
    ...body,
    403: detailError('Registration is closed, or the page is foreign', 'Registration is closed'),
    409: detailError('The name is taken'),
  },
  login: {
    ...always,
    ...body,
    401: detailError('Wrong credentials'),
    403: detailError('From a foreign page', 'This origin may not sign in here'),
  },
  signedIn: { ...changing, ...body },
  tokenAuth: {
    ...always,
    ...body,
    400: t.Object(
      { non_field_errors: t.Array(t.String({ examples: ['Unable to log in with provided credentials.'] })) },
      { description: 'Wrong credentials; other unacceptable input is told as `detail`' },
    ),
  },
}
