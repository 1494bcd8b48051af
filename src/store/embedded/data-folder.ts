import { accessSync, constants, existsSync, mkdirSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { SetupError } from '../../core/index.ts'

/** What Parley keeps in the folder. A server that ran as another user leaves these behind, and they cannot be written. */
const CONTENT = ['', 'lock.sqlite', 'pglite', 'tls']

/**
 * Creates the data folder if it is missing, and checks that it can be written.
 * @returns its absolute path
 * @throws SetupError that says what is in the way, which user owns it, and what to do
 */
export function openDataFolder(dataDir: string): string {
  const folder = resolve(dataDir)
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw problem(folder, error)
  }
  for (const path of CONTENT.map((name) => join(folder, name)).filter(existsSync)) {
    try {
      accessSync(path, constants.R_OK | constants.W_OK | (statSync(path).isDirectory() ? constants.X_OK : 0))
    } catch (error) {
      throw problem(path, error)
    }
  }
  return folder
}

function problem(path: string, cause: unknown): SetupError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause)
  const there = nearest(path)
  if (!statSync(there).isDirectory() && (there !== path || code === 'EEXIST')) {
    return new SetupError(`DATA_DIR: ${there} is not a folder (${code}): set another DATA_DIR`, { cause })
  }
  const owner = statSync(there).uid
  const self = ownUser()
  const whose = `${there === path ? 'it' : there} belongs to uid ${owner}, and this process runs as uid ${self ?? '?'}`
  const remedy =
    code === 'EACCES' || code === 'EPERM'
      ? `chown -R ${self ?? 'its user'} ${there}, or set another DATA_DIR`
      : 'set another DATA_DIR'
  return new SetupError(`DATA_DIR: ${path} cannot be written: ${whose} (${code}): ${remedy}`, { cause })
}

/** Returns the path, or the longest part of it that exists. */
function nearest(path: string): string {
  return existsSync(path) || path === dirname(path) ? path : nearest(dirname(path))
}

/** Returns the uid that this process runs as; null if the system does not tell. */
function ownUser(): number | null {
  return existsSync('/proc/self') ? statSync('/proc/self').uid : null
}
