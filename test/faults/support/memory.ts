import { readFile } from 'node:fs/promises'

/** Returns the memory that a process uses now, in bytes. Linux only. */
export async function memoryOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]
  if (kilobytes === undefined) throw new Error(`nothing is known of the memory of process ${pid}`)
  return Number(kilobytes) * 1024
}

export function megabytes(bytes: number): number {
  return Math.round(bytes / 2 ** 20)
}
