/*
 * The rules for text, the same for every contract. A message's body is stored and returned exactly as it was sent; a name is stored as
 * `usernameOf` or `roomNameOf` returns it.
 *
 * Each rule checks the length first, which takes constant time: text of an unknown client may be a thousand times longer than anything
 * that passes. Names of former versions that break the rules of today still have their keys: they sign in and are found.
 */
export { hiddenProblem } from './invisible.ts'
export { formProblem, lengthProblem } from './lengths.ts'
export { lookAlikeKey } from './look-alikes.ts'
export { MOST_NAMES, type NamedInText, namedIn } from './mentions.ts'
export { kindProblem, SERVERS_KIND, textProblem } from './messages.ts'
export { textPatterns } from './patterns.ts'
export { reactionName } from './reactions.ts'
export { roomKey, roomNameOf } from './room-names.ts'
export { type FoldedText, searchText, searchTextWithPlaces } from './search-text.ts'
export { canBeUsername, usernameKey, usernameOf } from './usernames.ts'
