const longest = 80

/** Returns the text for a log line: quoted, on one line, cut if it is long, and without the credentials of a URL. */
export function quote(text: string): string {
  const safe = text.replace(/:\/\/.*@/s, '://***@')
  const short = safe.length > longest ? `${safe.slice(0, longest)}…` : safe
  return JSON.stringify(short).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, escaped)
}

function escaped(character: string): string {
  return `\\u{${character.codePointAt(0)?.toString(16)}}`
}
