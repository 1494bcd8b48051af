import { readFile } from 'node:fs/promises'

/** The most memory that a process has held at any time so far, in bytes; of Linux. */
export async function peakMemory(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]
  if (kilobytes === undefined) throw new Error(`nothing is known of the memory of process ${pid}`)
  return Number(kilobytes) * 1024
}
