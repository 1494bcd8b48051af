/** Postgres's text notation of arrays, for the few places that send or get whole columns. */

export function numberArray(values: readonly (number | null)[]): string {
  let text = '{'
  for (let i = 0; i < values.length; i++) text += i === 0 ? values[i] : `,${values[i]}`
  return `${text}}`
}

/** Every element is quoted, so only the quote and the backslash need care. */
export function textArray(values: readonly string[]): string {
  let text = '{'
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? ''
    text += i === 0 ? '"' : ',"'
    text += needsEscape.test(value) ? value.replace(escaped, '\\$&') : value
    text += '"'
  }
  return `${text}}`
}

/** An array of numbers without nulls. */
export function fromArray(text: string): number[] {
  return text === '{}' ? [] : text.slice(1, -1).split(',').map(Number)
}

const needsEscape = /["\\]/
const escaped = /["\\]/g
