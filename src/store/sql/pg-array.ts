/** Postgres's text notation of arrays, for code that sends or receives whole columns. */

/** Returns an array in that notation. Texts are quoted, so only quotes and backslashes are escaped. */
export function toArray(values: readonly (number | string | null)[]): string {
  let text = '{'
  for (let i = 0; i < values.length; i++) {
    if (i > 0) text += ','
    const value = values[i] ?? null
    text += typeof value === 'string' ? quoted(value) : value
  }
  return `${text}}`
}

/** Parses an array of numbers without nulls. */
export function fromNumberArray(text: string): number[] {
  return text === '{}' ? [] : text.slice(1, -1).split(',').map(Number)
}

/** Parses an array of texts that hold no comma, quote or backslash. */
export function fromTextArray(text: string): string[] {
  return text === '{}' ? [] : text.slice(1, -1).split(',').map(unquoted)
}

function quoted(value: string): string {
  return `"${needsEscape.test(value) ? value.replace(escaped, '\\$&') : value}"`
}

function unquoted(value: string): string {
  return value.startsWith('"') ? value.slice(1, -1) : value
}

const needsEscape = /["\\]/
const escaped = /["\\]/g
