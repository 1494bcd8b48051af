import { mkdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A path for a Unix socket, in a new folder that only this user may enter. */
export interface PrivateSocket {
  readonly path: string
  /** Removes the folder and its content. */
  remove(): void
}

/**
 * Makes a folder for a socket: among the temporary files if possible, since the data folder may be on a file system without sockets.
 * The folder's name is derived from the data folder, whose lock the caller holds, so that the rest of a killed process is found and
 * removed.
 *
 * @throws Error if neither place allows a socket
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
  throw new Error(`no folder can hold a Unix socket: ${reasons.join('; ')}`)
}

function makeIn(folder: string): PrivateSocket {
  const path = join(folder, 'db')
  if (Buffer.byteLength(path) > MAX_PATH_BYTES) throw new Error(`${path} is too long for a socket`)
  const remove = () => rmSync(folder, { recursive: true, force: true })
  remove()
  // Fails if another user has created it meanwhile.
  mkdirSync(folder, { mode: 0o700 })
  return { path, remove }
}

/** What macOS allows; Linux allows 107. */
const MAX_PATH_BYTES = 103
