import { t } from 'elysia'
import { integer, passwordShown, usernameShown } from '../shared/index.ts'

export const Credentials = t.Object({
  username: t.String({ description: 'Case does not matter', examples: ['alice'] }),
  password: t.String({ examples: ['correct horse battery staple'] }),
})
export const NewAccount = t.Object({
  username: t.String({
    description: 'Letters, digits and @ . + - _, at most 150; unique, ignoring case',
    examples: ['alice'],
    'x-shown': usernameShown,
  }),
  password: t.String({
    description: 'At most 256 characters',
    examples: ['correct horse battery staple'],
    'x-shown': passwordShown,
  }),
})

const token = t.String({
  description: '40 hex characters',
  examples: ['9944b09199c62bcf9418ad846dd0e4bbdfc6ee4b'],
})

export const TokenOnly = t.Object({ token })
export const AccountUser = t.Object({
  id: integer({ examples: [7] }),
  username: t.String({ examples: ['alice'] }),
})
export const Session = t.Object({ token, user: AccountUser })
export const Ticket = t.Object({
  ticket: t.String({ examples: ['0fb1c2a8e9d3470b8b5f6a1d2c3e4f5061728394'] }),
  expires_in: integer({ description: 'Seconds', examples: [30] }),
})
