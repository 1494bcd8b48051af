import { textPatterns } from '../../core/index.ts'

/*
 * Schema keywords that the documentation shows and validation ignores (`x-shown`). The core validates them, with its own error texts.
 */

/** Text that is stored: anything except NUL. */
const stored = '^[^\\u0000]*$'

export const messageShown = {
  minLength: 1,
  maxLength: { setting: 'maxMessageLength' },
  pattern: textPatterns.message,
}

export const kindShown = { pattern: textPatterns.kind }

export const usernameShown = {
  format: 'username',
  minLength: 1,
  maxLength: 150,
  pattern: textPatterns.username,
}

export const passwordShown = {
  minLength: { setting: 'minPasswordLength' },
  maxLength: 256,
  pattern: stored,
}

export const roomNameShown = { format: 'room-name', minLength: 1, maxLength: 100 }
