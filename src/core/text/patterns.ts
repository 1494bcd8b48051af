import { VISIBLE } from './invisible.ts'
import { KIND, SERVERS_KIND } from './messages.ts'
import { ALPHABET } from './usernames.ts'

/**
 * The rules of this folder as far as one pattern can say them, for documents: sources of regular expressions with the flag `u`. The
 * rules themselves decide, and refuse a little more. v2's wire, which may import nothing of the core, repeats them.
 */
export const textPatterns = {
  /** Something visible, and no NUL. */
  message: `^(?=[\\s\\S]*(?:${VISIBLE.source}))[^\\u0000]*$`,
  kind: KIND.source.replace('^', `^(?!${SERVERS_KIND}$)`),
  username: ALPHABET.source,
}
