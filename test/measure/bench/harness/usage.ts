import { cpuSeconds, machineSeconds, residentBytes } from './processes.ts'

export interface Watched {
  readonly name: string
  /** Counted with its children. */
  readonly pid: number
  /** False where its own resident memory says little: Postgres's processes share most of theirs. */
  readonly memory: boolean
}

/** What was used of the machine meanwhile. */
export interface Usage {
  /** Seconds of CPU, by process; the load's are called `load`. */
  readonly seconds: Readonly<Record<string, number>>
  /** Bytes of resident memory at the end, by process. */
  readonly memory: Readonly<Record<string, number>>
  /** The share of the machine's CPU, from 0 to 1, that went to processes which are not watched. */
  readonly elsewhere: number
}

/**
 * Starts to watch what a turn costs.
 * @returns what ends it, given the seconds of CPU that the load has taken meanwhile
 */
export function watch(processes: readonly Watched[]): (load: number) => Usage {
  const [machineBefore, before] = [machineSeconds(), processes.map(({ pid }) => cpuSeconds(pid))]
  return (load) => {
    const machine = machineSeconds()
    const used = processes.map(({ name, pid }, i) => [name, cpuSeconds(pid) - (before[i] ?? 0)] as const)
    const all = [...used, ['load', load] as const]
    const known = all.reduce((sum, [, seconds]) => sum + seconds, 0)
    const unknown = machine.used - machineBefore.used - known
    const held = processes.filter(({ memory }) => memory)
    return {
      seconds: Object.fromEntries(all),
      memory: Object.fromEntries(held.map(({ name, pid }) => [name, residentBytes(pid)])),
      elsewhere: Math.max(0, unknown / (machine.existed - machineBefore.existed)),
    }
  }
}

/** Seconds of CPU per million counted, by process. */
export function perMillion({ seconds }: Usage, counted: number): Record<string, number> {
  return Object.fromEntries(
    Object.entries(seconds).map(([name, used]) => [name, used / (counted / 1e6)] as const),
  )
}
