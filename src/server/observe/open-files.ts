import { readdirSync, readFileSync, statSync } from 'node:fs'

/** What the system says of this process's open files, sockets among them. Only Linux does. */
export interface OpenFiles {
  /** The most that it may have; null for as many as it likes. */
  readonly limit: number | null
  /** How many it has. Needs no file itself, so it answers when there is none left. */
  count(): number
}

/** @returns null if the system does not say */
export function readOpenFiles(): OpenFiles | null {
  try {
    const limit = /^Max open files\s+(\d+|unlimited)/m.exec(readFileSync(`${PROCESS}/limits`, 'utf8'))?.[1]
    if (limit === undefined) return null
    return { limit: limit === 'unlimited' ? null : Number(limit), count }
  } catch {
    // There is no /proc, or it is another one.
    return null
  }
}

const PROCESS = '/proc/self'

function count(): number {
  // Linux 6.2 and later tell the number as the folder's size; before, it is 0.
  const told = statSync(`${PROCESS}/fd`).size
  if (told > 0) return told
  try {
    return readdirSync(`${PROCESS}/fd`).length
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EMFILE') return Number.POSITIVE_INFINITY
    throw error
  }
}
