import { isShort, normalized, withoutCase } from './folding.ts'
import { withoutIgnorable } from './invisible.ts'
import { CONFUSABLES } from './tables.ts'

/** The most code points of a name of any kind. */
const MAX_NAME = 150
/** The most rounds that any character takes is 3. */
const ROUNDS = 4

/** Parsed once it is needed: only new names are compared. */
let table: ReadonlyMap<string, string> | null = null

/**
 * Returns the key that names share if they look alike: the skeleton of UTS #39, of the compatibility form and without case.
 * @returns null for a text that is too long for a name
 */
export function lookAlikeKey(text: string): string | null {
  if (!isShort(text, MAX_NAME)) return null
  table ??= parsed(CONFUSABLES)
  let key = withoutIgnorable(normalized(text, 'NFKC'))
  // Folding can make a character that looks like another one, so it goes on until nothing changes. A capital i looks like l and is
  // folded to i, so the two have one key: otherwise a look-alike of ADMIN would not look like admin.
  for (let round = 0; round < ROUNDS; round++) {
    const alike = replaced(normalized(key, 'NFD'), table)
    const next = normalized(withoutCase(alike), 'NFKC')
    if (next === key) break
    key = next
  }
  return key
}

function replaced(text: string, by: ReadonlyMap<string, string>): string {
  return Array.from(text, (character) => by.get(character) ?? character).join('')
}

function parsed(entries: string): ReadonlyMap<string, string> {
  const alike = new Map<string, string>()
  for (const entry of entries.trim().split(/\s+/)) {
    const [to = '', from = ''] = entry.split('=')
    const target = String.fromCodePoint(...to.split('+').map(hex))
    for (const source of from.split(',')) alike.set(String.fromCodePoint(hex(source)), target)
  }
  alike.set('i', 'l')
  return alike
}

function hex(code: string): number {
  return Number.parseInt(code, 16)
}
