import { t } from 'elysia'
import { type ErrorResponse, type Problem, responseOf, statusOf } from '../../server/index.ts'
import { commonErrors, DetailError, detailError } from '../shared/index.ts'

export function errorOf(problem: Problem, path: string): ErrorResponse {
  // On this route, Django REST Framework reports a failed sign-in as an error of the form.
  if (problem.kind === 'unauthenticated' && path.startsWith('/api-token-auth')) {
    return { status: 400, body: { non_field_errors: [problem.message] } }
  }
  return { status: statusOf[problem.kind], body: { detail: problem.message } }
}

const WRONG = 'Unable to log in with provided credentials.'

/** The shape in which the framework reports errors of a form. */
export const FormErrors = t.Object({ non_field_errors: t.Array(t.String({ examples: [WRONG] })) })

const { always, body, changing } = commonErrors(detailError)

/** The error responses of the routes, for the documentation. */
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
    400: responseOf(t.Union([FormErrors, DetailError]), {
      description: 'Wrong credentials; other invalid input is reported in `detail`',
      example: { non_field_errors: [WRONG] },
    }),
  },
}
