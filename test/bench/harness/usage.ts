import type { Turn } from './benchmark.ts'
import { cpuSeconds, machineSeconds, residentBytes } from './processes.ts'

export interface Watched {
  readonly name: string
  /** Counted with its children. */
  readonly pid: number
  /** False where its own resident memory says little: Postgres's processes share most of theirs. */
  readonly memory: boolean
}

/**
 * Starts to watch what a turn costs.
 * @returns what ends it: given how much was counted, and the seconds of CPU that the load took for it, says the cost
 */
export function watch(
  processes: readonly Watched[],
): (counted: number, load: number) => Omit<Turn, 'perSecond'> {
  const [machineBefore, before] = [machineSeconds(), processes.map(({ pid }) => cpuSeconds(pid))]
  return (counted, load) => {
    const machine = machineSeconds()
    const used = processes.map(({ name, pid }, i) => [name, cpuSeconds(pid) - (before[i] ?? 0)] as const)
    const all = [...used, ['load', load] as const]
    const known = all.reduce((sum, [, seconds]) => sum + seconds, 0)
    const unknown = machine.used - machineBefore.used - known
    const held = processes.filter(({ memory }) => memory)
    return {
      cpu: Object.fromEntries(all.map(([name, seconds]) => [name, seconds / (counted / 1e6)])),
      memory: Object.fromEntries(held.map(({ name, pid }) => [name, residentBytes(pid)])),
      elsewhere: Math.max(0, unknown / (machine.existed - machineBefore.existed)),
    }
  }
}
