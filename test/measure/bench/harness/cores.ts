import { availableParallelism } from 'node:os'
import { childrenOf } from './processes.ts'

/** Some of the machine's cores, as `taskset` lists them; null for any of them. */
export type Cores = string | null

/**
 * Half of the cores each, so that what the load does holds no server up, as if it ran on another machine. Any of them for both
 * where there is but one, or no `taskset` (util-linux).
 */
export function dividedCores(): { readonly servers: Cores; readonly load: Cores } {
  const count = availableParallelism()
  const half = count >> 1
  if (half === 0 || Bun.which('taskset') === null) return { servers: null, load: null }
  return { servers: `0-${half - 1}`, load: `${half}-${count - 1}` }
}

/** A process, with all of its threads and children, runs there from now on, and so does what it starts. */
export function keepOn(cores: Cores, pid: number): void {
  if (cores === null) return
  for (const one of [pid, ...childrenOf(pid)]) {
    const { exitCode, stderr } = Bun.spawnSync(['taskset', '-acp', cores, String(one)])
    if (exitCode !== 0) throw new Error(`taskset failed: ${stderr}`)
  }
}
