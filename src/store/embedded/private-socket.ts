import { mkdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A path for a Unix socket in a new folder that only this user may enter. */
export interface PrivateSocket {
  readonly path: string
  /** Removes the folder and what is in it. */
  remove(): void
}

/**
 * The folder for temporary files is tried first, as data folders may lie on file systems without sockets. The name comes
 * from the data folder, whose lock must be held: so what a killed process has left there is found, and removed.
 *
 * @throws Error where neither place allows one
 */
export function makePrivateSocket(dataDir: string): PrivateSocket {
  const { dev, ino } = statSync(dataDir, { bigint: true })
  const name = `parley-${dev.toString(36)}-${ino.toString(36)}`
  const reasons: string[] = []
  for (const base of [tmpdir(), dataDir]) {
    try {
      return makeIn(join(base, name))
    } catch (error) {
      reasons.push(error instanceof Error ? error.message : String(error))
    }
  }
  throw new Error(`no place for a Unix socket: ${reasons.join('; ')}`)
}

function makeIn(folder: string): PrivateSocket {
  const path = join(folder, 'db')
  if (Buffer.byteLength(path) > MAX_PATH_BYTES) throw new Error(`${path} is too long for a socket`)
  const remove = () => rmSync(folder, { recursive: true, force: true })
  remove()
  // Fails where another user has made it meanwhile.
  mkdirSync(folder, { mode: 0o700 })
  return { path, remove }
}

/** What macOS allows; Linux allows 107. */
const MAX_PATH_BYTES = 103
