import type { Named } from './named.ts'

const WORD = /^[a-z0-9_+-]{1,32}$/
/** One emoji in the form that Unicode recommends, of however many code points. */
const EMOJI = /^\p{RGI_Emoji}$/v
/** In UTF-16 units. The longest emoji of today's Unicode has 15. */
const LONGEST = 64
/** Puts U+FE0F where Unicode recommends it: after what is text by default, unless a skin tone follows. */
const UNCOLOURED = /(?!\p{Emoji_Presentation})\p{Emoji}(?!\p{Emoji_Modifier})/gu
/** Asks for an emoji in colour. Keyboards and pages leave it out at times, and mean the same emoji. */
const COLOURED = '\ufe0f'

/**
 * Returns the name under which a reaction is stored: one emoji or a short word. Spellings that differ only in U+FE0F have one name.
 * Neither emoji nor words have other forms to normalise.
 */
export function reactionName(text: string): Named {
  if (text.length <= LONGEST) {
    if (WORD.test(text)) return { name: text }
    const bare = text.replaceAll(COLOURED, '')
    const name = [text, bare.replaceAll(UNCOLOURED, `$&${COLOURED}`), bare].find((spelling) =>
      EMOJI.test(spelling),
    )
    if (name !== undefined) return { name }
  }
  return { problem: 'must be one emoji, or 1 to 32 small letters, digits, _, + and -' }
}
