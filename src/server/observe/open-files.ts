import { readdirSync, readFileSync, statSync } from 'node:fs'

/** What the system says about the open files of this process, sockets included. Only Linux does. */
export interface OpenFiles {
  /** The most files that the process may open; null for no limit. */
  readonly limit: number | null
  /** Returns how many files are open. It needs no file itself, so it works if none is left. */
  count(): number
}

/** @returns null if the system does not say */
export function readOpenFiles(): OpenFiles | null {
  try {
    const limit = /^Max open files\s+(\d+|unlimited)/m.exec(readFileSync(`${PROCESS}/limits`, 'utf8'))?.[1]
    if (limit === undefined) return null
    return { limit: limit === 'unlimited' ? null : Number(limit), count }
  } catch {
    // There is no /proc, or not the one of Linux.
    return null
  }
}

const PROCESS = '/proc/self'

function count(): number {
  // Linux 6.2 and later give the number as the size of the folder; earlier versions give 0.
  const told = statSync(`${PROCESS}/fd`).size
  if (told > 0) return told
  try {
    return readdirSync(`${PROCESS}/fd`).length
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EMFILE') return Number.POSITIVE_INFINITY
    throw error
  }
}
