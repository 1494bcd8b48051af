const longest = 80

/** Text as it may appear in a log line: quoted, on one line, cut when long, and without a URL's credentials. */
export function quote(text: string): string {
  const safe = text.replace(/:\/\/.*@/s, '://***@')
  const short = safe.length > longest ? `${safe.slice(0, longest)}…` : safe
  return JSON.stringify(short).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, escaped)
}

function escaped(character: string): string {
  return `\\u{${character.codePointAt(0)?.toString(16)}}`
}
