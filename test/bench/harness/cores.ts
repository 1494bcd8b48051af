import { availableParallelism } from 'node:os'
import { childrenOf } from './processes.ts'

/** Which of the machine's cores are whose, as `taskset` lists them. */
export interface Cores {
  readonly servers: string
  readonly load: string
}

/**
 * Half of the cores each, so that what the load does holds no server up, as if it ran on another machine.
 * @returns null where there is but one core, or no `taskset` (util-linux)
 */
export function dividedCores(): Cores | null {
  const count = availableParallelism()
  const half = count >> 1
  if (half === 0 || Bun.which('taskset') === null) return null
  return { servers: `0-${half - 1}`, load: `${half}-${count - 1}` }
}

/** A process, with all of its threads and children, runs there from now on, and so does what it starts. */
export function keepOn(cores: string, pid: number): void {
  for (const one of [pid, ...childrenOf(pid)]) {
    const { exitCode, stderr } = Bun.spawnSync(['taskset', '-acp', cores, String(one)])
    if (exitCode !== 0) throw new Error(`taskset failed: ${stderr}`)
  }
}
