import { readFile } from 'node:fs/promises'

/** A tick of Linux's process statistics, in milliseconds. */
const TICK_MS = 10

/** Returns the processor time that these processes have used so far, in milliseconds. Linux only. */
export async function processorMs(processes: readonly { readonly pid: number }[]): Promise<number> {
  const used = processes.map(async ({ pid }) => {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
    // The name before these fields is in parentheses, and may contain spaces.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return (Number(fields[11]) + Number(fields[12])) * TICK_MS
  })
  return (await Promise.all(used)).reduce((sum, each) => sum + each, 0)
}
