/** A fenced block. */
export interface Block {
  readonly language: string
  /** What stands beside the language. */
  readonly claim: string
  readonly text: string
}

export function blocksOf(page: string): Block[] {
  return [...page.matchAll(/^```(\S+)(?: +(.*))?\n([\s\S]*?)^```$/gm)].map(
    ([, language = '', claim = '', text = '']) => ({ language, claim, text }),
  )
}

/** The JSON values in a block: each begins at the beginning of a line, and no other line does. */
export function valuesOf({ text }: Block): unknown[] {
  return text
    .trim()
    .split(/\n(?=\S)/)
    .map((part): unknown => JSON.parse(part))
}

/** The cells of the first table that begins with this head, its head among them. */
export function tableOf(page: string, head: string): string[][] {
  const start = page.indexOf(`\n| ${head} |`)
  const [first = '', , ...rows] =
    page
      .slice(start + 1)
      .split('\n\n', 1)[0]
      ?.split('\n') ?? []
  return [first, ...rows].map((line) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  )
}

/** The cells of a table's rows, by the head of its first column; of all such tables. */
export function rowsOf(page: string, head: string): string[][] {
  const tables = page.split(/\n(?!\|)/).map((part) => part.split('\n').filter((line) => line.startsWith('|')))
  return tables
    .map((lines) =>
      lines.map((line) =>
        line
          .slice(1, -1)
          .split('|')
          .map((cell) => cell.trim()),
      ),
    )
    .flatMap(([first, , ...rows]) => (first?.[0] === head ? rows : []))
}

/** What is set as code. */
export function wordsOf(text: string): Set<string> {
  return new Set([...text.matchAll(/`([^`\n]+)`/g)].map(([, word = '']) => word))
}
