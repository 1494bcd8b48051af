/*
 * Schema keywords that the documentation shows and validation ignores (`x-shown`). The core validates them, with its own error texts.
 */

/** Text that is stored: anything except NUL. */
const stored = '^[^\\u0000]*$'

export const messageShown = {
  minLength: 1,
  maxLength: { setting: 'maxMessageLength' },
  // Something visible, as the core's rules for text say, and no NUL.
  pattern:
    '^(?=[\\s\\S]*(?:[^\\s\\u2800\\p{DI}\\p{Cc}\\p{Cf}\\u{1d159}\\u{13441}\\u{13442}\\u{16fe4}]|[\\u0600-\\u0605\\u06dd\\u070f\\u0890\\u0891\\u08e2\\u{110bd}\\u{110cd}]))[^\\u0000]*$',
}

export const kindShown = { pattern: '^(?!system$)[a-z][a-z0-9_-]{0,31}$' }

export const usernameShown = {
  format: 'username',
  minLength: 1,
  maxLength: 150,
  pattern: '^(?:(?!\\p{DI})[\\p{L}\\p{N}\\p{Mn}\\p{Mc}@.+_-])+$',
}

export const passwordShown = {
  minLength: { setting: 'minPasswordLength' },
  maxLength: 256,
  pattern: stored,
}

export const roomNameShown = { format: 'room-name', minLength: 1, maxLength: 100 }
