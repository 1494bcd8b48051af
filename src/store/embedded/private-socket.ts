import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A path for a Unix socket in a new folder that only this user may enter. */
export interface PrivateSocket {
  readonly path: string
  /** Removes the folder and what is in it. */
  remove(): void
}

/**
 * The folder for temporary files is tried first, as data folders may lie on file systems without sockets.
 *
 * @throws Error where neither place allows one
 */
export function makePrivateSocket(dataDir: string): PrivateSocket {
  const reasons: string[] = []
  for (const base of [tmpdir(), dataDir]) {
    try {
      return makeIn(base)
    } catch (error) {
      reasons.push(error instanceof Error ? error.message : String(error))
    }
  }
  throw new Error(`no place for a Unix socket: ${reasons.join('; ')}`)
}

function makeIn(base: string): PrivateSocket {
  if (Buffer.byteLength(join(base, 'parley-XXXXXX', 'db')) > MAX_PATH_BYTES)
    throw new Error(`${base} is too long a path`)
  const folder = mkdtempSync(join(base, 'parley-'))
  return { path: join(folder, 'db'), remove: () => rmSync(folder, { recursive: true, force: true }) }
}

/** What macOS allows; Linux allows 107. */
const MAX_PATH_BYTES = 103
