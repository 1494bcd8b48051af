import { readdirSync, readFileSync } from 'node:fs'
import { cpus } from 'node:os'

/**
 * Seconds of CPU that a process and its children have used, those children included that have ended. From /proc: NaN on
 * systems that have none.
 */
export function cpuSeconds(pid: number): number {
  const own = readStat(pid)
  if (own === null) return Number.NaN
  let ticks = own.used + own.usedByEnded
  for (const child of allStats()) if (child.parent === pid) ticks += child.used + child.usedByEnded
  return ticks / TICKS_PER_SECOND
}

/** Those that run now; none where there is no /proc. */
export function childrenOf(pid: number): number[] {
  return allStats().flatMap((stat) => (stat.parent === pid ? [stat.pid] : []))
}

/** Bytes of memory that a process holds (resident set), children excluded; NaN where there is no /proc. */
export function residentBytes(pid: number): number {
  const status = read(`/proc/${pid}/status`)
  return 1024 * Number(/^VmRSS:\s+(\d+) kB$/m.exec(status ?? '')?.[1])
}

/** Seconds of CPU that all processes of the machine have used, and that there were, all cores added up. */
export function machineSeconds(): { used: number; existed: number } {
  let [idle, existed] = [0, 0]
  for (const { times } of cpus()) {
    idle += times.idle / 1000
    existed += (times.user + times.nice + times.sys + times.irq + times.idle) / 1000
  }
  return { used: existed - idle, existed }
}

/** Linux reports CPU time to programs in hundredths of a second on every architecture that Bun runs on. */
const TICKS_PER_SECOND = 100

function allStats(): Stat[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return pids.flatMap((pid) => readStat(Number(pid)) ?? [])
}

function readStat(pid: number): Stat | null {
  // The second field is the program's name in parentheses, which may hold any character.
  const text = read(`/proc/${pid}/stat`)
  if (text === null) return null
  const fields = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number)
  const field = (number: number) => fields[number - 3] ?? Number.NaN
  return { pid, parent: field(4), used: field(14) + field(15), usedByEnded: field(16) + field(17) }
}

/** null: the process has ended, or there is no /proc. */
function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH'))
      return null
    throw error
  }
}

interface Stat {
  readonly pid: number
  readonly parent: number
  /** In ticks. */
  readonly used: number
  readonly usedByEnded: number
}
