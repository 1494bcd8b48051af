import { existsSync, readFileSync } from 'node:fs'

/**
 * A zombie counts as gone: it has ended and holds nothing but its entry in the process table.
 * Where there is no /proc, a stopped process is reported as running.
 */
export function processState(pid: number): 'running' | 'stopped' | 'gone' {
  if (!existsSync('/proc/self/stat')) return sendSignal(pid, 0) ? 'running' : 'gone'
  const state = readState(pid)
  if (state === undefined || 'ZXx'.includes(state)) return 'gone'
  return 'Tt'.includes(state) ? 'stopped' : 'running'
}

/** Whether there was such a process; signal 0 only asks. */
export function sendSignal(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal)
  } catch (error) {
    if (hasCode(error, 'ESRCH')) return false
    throw error
  }
}

function readState(pid: number): string | undefined {
  try {
    // The program's name comes before it, in parentheses, and may hold any character.
    return /^.*\) (\w)/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1]
  } catch (error) {
    if (hasCode(error, 'ENOENT') || hasCode(error, 'ESRCH')) return undefined
    throw error
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
