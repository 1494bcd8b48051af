/** Something that a contract's document shows. In lines, `{…}` stands for any segment of a path. */
export type Example =
  | { readonly request: string; readonly body?: unknown }
  | { readonly answerTo: string; readonly status: number; readonly body: unknown }
  | { readonly sends: unknown }
  | { readonly receives: unknown }
  | { readonly opens: string }

/** The examples that a transcript does not hold, as text. */
export function missingExamples(examples: readonly Example[], transcript: unknown): string[] {
  if (!Array.isArray(transcript)) throw new Error('a transcript is a list')
  const entries: unknown[] = transcript
  return examples
    .filter((example) => !entries.some((entry) => shows(entry, example)))
    .map((example) => JSON.stringify(example))
}

function shows(entry: unknown, example: Example): boolean {
  if ('sends' in example) return agrees(at(entry, 'sends'), example.sends)
  if ('receives' in example) return agrees(at(entry, 'receives'), example.receives)
  if ('opens' in example) return isLine(at(entry, 'opens'), example.opens)
  if ('request' in example) {
    if (!isLine(at(entry, 'request', 'line'), example.request)) return false
    return example.body === undefined || agrees(at(entry, 'request', 'body'), example.body)
  }
  if (!isLine(at(entry, 'request', 'line'), example.answerTo)) return false
  const body = at(entry, 'response', 'body')
  return at(entry, 'response', 'status') === example.status && agrees(body, example.body)
}

/**
 * Whether what was recorded is what the example shows: ids, tokens and times as their names in the transcript, and perhaps
 * more keys, and more entries in a list that is not empty.
 */
export function agrees(recorded: unknown, example: unknown): boolean {
  if (Array.isArray(example)) return Array.isArray(recorded) && holds(recorded, example)
  if (typeof example === 'object' && example !== null) {
    if (typeof recorded !== 'object' || recorded === null) return false
    return Object.entries(example).every(([key, value]) => agrees(at(recorded, key), value))
  }
  if (recorded === example) return true
  if (typeof recorded !== 'string') return false
  if (typeof example === 'number') return /^<(user|room|message) \S+>$/.test(recorded)
  if (typeof example !== 'string') return false
  if (example === 'Error message here') return recorded.length > 0
  if (/^(user|room|message)123$/.test(example)) {
    return new RegExp(`^<${example.slice(0, -3)} \\S+ as text>$`).test(recorded)
  }
  if (/^\d{4}-\d\d-\d\dT/.test(example)) return recorded === '<time>'
  return /^\d{4}-\d\d-\d\d /.test(example) && recorded === '<date and time>'
}

/** In their order, with others between them. */
function holds(recorded: readonly unknown[], examples: readonly unknown[]): boolean {
  if (examples.length === 0) return recorded.length === 0
  let from = 0
  for (const example of examples) {
    const found = recorded.findIndex((value, i) => i >= from && agrees(value, example))
    if (found === -1) return false
    from = found + 1
  }
  return true
}

function isLine(recorded: unknown, example: string): boolean {
  const pattern = example
    .split(/\{[^}]*\}/)
    .map((part) => part.replaceAll(/[.*+?^$()[\]\\|]/g, '\\$&'))
    .join('[^/?]+')
  return typeof recorded === 'string' && new RegExp(`^${pattern}$`).test(recorded)
}

function at(value: unknown, ...keys: string[]): unknown {
  let found = value
  for (const key of keys) {
    if (typeof found !== 'object' || found === null) return undefined
    found = new Map<string, unknown>(Object.entries(found)).get(key)
  }
  return found
}
