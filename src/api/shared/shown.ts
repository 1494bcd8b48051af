/*
 * Schema keywords that the documentation shows and validation ignores (`x-shown`). The core validates them, with its own error texts.
 */

/** Text that is stored: anything except NUL. */
const stored = '^[^\\u0000]*$'

export const messageShown = {
  minLength: 1,
  maxLength: { setting: 'maxMessageLength' },
  pattern: '^[^\\u0000]*[^\\s\\u0000][^\\u0000]*$',
}

export const kindShown = { pattern: '^(?!system$)[a-z][a-z0-9_-]{0,31}$' }

export const usernameShown = {
  format: 'username',
  minLength: 1,
  maxLength: 150,
  pattern: '^[\\p{L}\\p{N}\\p{M}@.+_-]+$',
}

export const passwordShown = {
  minLength: { setting: 'minPasswordLength' },
  maxLength: 256,
  pattern: stored,
}

export const roomNameShown = { format: 'room-name', minLength: 1, maxLength: 100 }
