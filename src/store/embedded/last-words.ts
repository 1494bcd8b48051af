/**
 * Keeps the last line that Postgres logged about an error that it cannot survive. Ordinary errors are not kept: they may quote text
 * of users.
 */
export function createLastWords(): LastWords {
  let words: string | undefined
  let dying = false
  return {
    hear(line) {
      const [, level, text] = logLine.exec(line) ?? []
      if (level === 'FATAL' || level === 'PANIC') {
        dying = true
        words = text
      } else if (level === 'DETAIL' && dying) {
        words = `${words}. ${text}`
      } else {
        dying = false
      }
    },
    said: () => words,
  }
}

/** Time, process, level, text. */
const logLine = /^[^[]*\[\d+\] ([A-Z]+): +(.*)$/

interface LastWords {
  hear(line: string): void
  said(): string | undefined
}
