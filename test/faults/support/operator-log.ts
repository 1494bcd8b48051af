import type { ParleyProcess } from '../../support/parley-process.ts'

/** One line of a node's log. */
export interface LogLine {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly node: string
  /** pino's: 30 info, 40 warn, 50 error, 60 fatal. */
  readonly level: number
  readonly msg: string
  /** The code of the logged error, or of its cause. */
  readonly code: string | null
  /** The text of the cause. */
  readonly cause: string | null
}

/** A period with a fault, up to the next one. */
export interface Episode {
  readonly name: string
  /** Milliseconds since 1970. */
  readonly from: number
  /** When the fault was over. */
  readonly over: number
  /** How often the database was unavailable in it. */
  readonly outages: number
  /** Sends that the nodes refused in it. */
  readonly refusals: number
}

/** Returns all log lines of the nodes, oldest first. A line in another format counts as an error. */
export function readLogs(nodes: readonly Pick<ParleyProcess, 'output'>[]): LogLine[] {
  return nodes
    .flatMap((node, index) => {
      let at = 0
      return node
        .output()
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => {
          const read = readLine(line, `node ${index + 1}`, at)
          at = read.at
          return read
        })
    })
    .sort((a, b) => a.at - b.at)
}

/**
 * Returns what an operator would object to: more than one line per cause and recovery on each node, an outage without a cause or a
 * recovery, warnings about its consequences, errors.
 */
export function judgeLog(lines: readonly LogLine[], episodes: readonly Episode[]): string[] {
  const wrong = lines
    .filter((line) => line.level >= 50 && !isAway(line))
    .map(({ node, msg, code, cause }) => `${node} logged an error: ${msg} ${code ?? cause ?? ''}`)
  for (const [index, { name, from, outages, refusals }] of episodes.entries()) {
    const to = episodes[index + 1]?.from ?? Number.POSITIVE_INFINITY
    const told = lines.filter(({ at }) => at >= from && at < to)
    const own = told.filter((line) => !isBack(line) || awayBefore(lines, line) >= from)
    const isTold = told.some(isAway) || !isWell(lines.filter(({ at }) => at < from))
    if (refusals > 0 && !isTold) wrong.push(`${name}: ${refusals} sends were refused, and no line says why`)
    for (const [what, same] of Map.groupBy(own, ({ node, msg }) => `${node} logged "${msg}"`)) {
      if (same.length > outages) wrong.push(`${name}: ${what} ${same.length} times in ${outages} outages`)
    }
  }
  for (const [node, own] of Map.groupBy(lines, ({ node }) => node)) {
    let away: LogLine | null = null
    for (const line of own) {
      if (isAway(line)) {
        if (away !== null) wrong.push(`${node} told twice that the database is away`)
        if (line.code === null) wrong.push(`${node} told of no code when the database went away`)
        away = line
      } else if (isBack(line)) {
        if (away === null) wrong.push(`${node} told that the database is back, but not that it was away`)
        away = null
      } else if (away !== null && line.level >= 40 && !isRewrite(line)) {
        wrong.push(
          `${node} logged, while the database was away: ${line.msg} ${line.code ?? line.cause ?? ''}`,
        )
      }
    }
    if (away !== null) wrong.push(`${node} did not tell that the database is back`)
  }
  return wrong
}

export function isAway({ level, msg }: LogLine): boolean {
  return level >= 40 && msg.startsWith('the database is unavailable')
}

export function isBack({ msg }: LogLine): boolean {
  return msg === 'the database is available again'
}

/** When the outage began whose end is logged: it may have been in an earlier episode. */
function awayBefore(lines: readonly LogLine[], back: LogLine): number {
  return lines.findLast((line) => isAway(line) && line.node === back.node && line.at < back.at)?.at ?? back.at
}

/** A cause of its own, found as soon as the database answers again. */
function isRewrite({ msg }: LogLine): boolean {
  return msg.startsWith('the database lacks data that this node has read')
}

/** Whether the last line of each node about the database says that it is available. */
export function isWell(lines: readonly LogLine[]): boolean {
  const words = lines.filter((line) => isAway(line) || isBack(line))
  return [...Map.groupBy(words, ({ node }) => node).values()].every((own) => own.at(-1)?.level === 30)
}

/** Returns the log for people to read, with the faults in between. */
export function printLog(lines: readonly LogLine[], episodes: readonly Episode[]): string {
  const faults = episodes.flatMap(({ name, from, over }) => [
    { at: from, text: `---- ${name}` },
    { at: over, text: `---- over: ${name}` },
  ])
  const told = lines.map(({ at, node, level, msg, code, cause }) => {
    const why = [code, cause].filter((part) => part !== null).join(': ')
    return { at, text: `${node} ${levels[level] ?? level} ${msg}${why === '' ? '' : ` (${why})`}` }
  })
  return [...faults, ...told]
    .sort((a, b) => a.at - b.at)
    .map(({ at, text }) => `${new Date(at).toISOString().slice(11, 23)} ${text}\n`)
    .join('')
}

const levels: Record<number, string> = { 30: 'info ', 40: 'warn ', 50: 'error', 60: 'fatal' }

function readLine(line: string, node: string, before: number): LogLine {
  const entry = parse(line)
  if (entry === null) return { at: before, node, level: 50, msg: line, code: null, cause: null }
  return {
    at: Date.parse(String(entry.time)),
    node,
    level: Number(entry.level),
    msg: String(entry.msg),
    code: codeIn(entry) ?? codeIn(entry.err),
    cause: textIn(entry.cause) ?? messageIn(entry.err),
  }
}

function parse(line: string): Record<string, unknown> | null {
  try {
    const entry: unknown = JSON.parse(line)
    return isRecord(entry) && 'time' in entry ? entry : null
  } catch {
    return null
  }
}

/** Returns the text of an error, and its origin. */
function messageIn(error: unknown): string | null {
  if (!isRecord(error)) return null
  const [place] = Array.isArray(error.at) ? error.at : []
  const parts = [error.type, error.message, place, messageIn(error.cause)]
  return parts.flatMap((part) => (typeof part === 'string' ? part.trim() : [])).join(' ')
}

function textIn(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}

function codeIn(error: unknown): string | null {
  if (!isRecord(error)) return null
  return typeof error.code === 'string' ? error.code : codeIn(error.cause)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
