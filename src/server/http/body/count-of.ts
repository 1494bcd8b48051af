/** Returns how often a text has a character, counted no further than `most`. */
export function countOf(character: string, text: string, most: number): number {
  let count = 0
  let at = text.indexOf(character)
  while (at !== -1 && count < most) {
    count++
    at = text.indexOf(character, at + 1)
  }
  return count
}
