import { cookieName, cookiePath } from './formats.ts'
import { section } from './section.ts'
import { choice, integer, optionalText, text } from './variable.ts'

export const auth = section('Sign-in', {
  registration: choice(
    'REGISTRATION',
    ['open', 'closed'],
    { default: 'open' },
    'Whether anyone may create an account; if closed, only existing accounts can sign in.',
  ),
  tokenTtlDays: integer(
    'TOKEN_TTL_DAYS',
    { default: 90, min: 1, max: 3650, unit: 'days' },
    'How long a token is valid.',
  ),
  passwordMinLength: integer(
    'PASSWORD_MIN_LENGTH',
    { default: 8, min: 1, max: 128, unit: 'characters' },
    'Minimum length of a new password.',
  ),
  passwordHashConcurrency: integer(
    'PASSWORD_HASH_CONCURRENCY',
    { default: 2, min: 1, max: 64, unit: 'hashes' },
    'Passwords that are hashed at the same time; each hash uses a processor core and memory.',
  ),
  passwordHashQueue: integer(
    'PASSWORD_HASH_QUEUE',
    { default: 64, min: 0, max: 10_000, unit: 'hashes' },
    'Hashes that may wait before the next one is refused as overloaded. Each of three queues has this length: sign-ins, registrations, and sign-ins from a client that the account knows.',
  ),
})

export const cookies = section('Cookies', {
  name: text(
    'SESSION_COOKIE_NAME',
    cookieName,
    { default: 'parley_session' },
    'Name of the cookie that a sign-in sets. Servers that share a host, on whatever ports, need a name each.',
  ),
  path: optionalText(
    'SESSION_COOKIE_PATH',
    cookiePath,
    'Path that browsers send the cookie to; unset means wherever clients see the server (BASE_PATH).',
  ),
  sameSite: choice(
    'SESSION_COOKIE_SAMESITE',
    ['lax', 'strict', 'none'],
    { default: 'lax' },
    'Whether pages of other sites send the cookie: none for a frontend on another site, whose origin is in ALLOWED_ORIGINS. The cookie is Secure then, so the server must be reached by HTTPS.',
  ),
})
