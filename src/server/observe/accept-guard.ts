import type { Logger } from './logger.ts'
import type { OpenFiles } from './open-files.ts'

/** Milliseconds between two counts of the open files; more if counting takes long. */
const LOOK_MS = 100
/** The share of the time that counting may take. */
const SHARE = 0.02
/** Milliseconds without a shortage after which the log says that it is over. */
const CALM_MS = 10_000

export interface Accepting {
  readonly accepting: boolean
  /** Closes the connections that have had an answer and have no request under way. */
  closeIdle(): void
  /** Refuses new connections; open ones are served. */
  pause(): void
  /** Accepts connections again. @throws if the port cannot be listened on */
  resume(): void
}

/**
 * Keeps the process from running out of files. Without a free file the process can accept nothing, so the listening socket stays
 * readable and the event loop spins. It can neither connect to the database nor read a file. So before that it closes idle
 * connections, and if that is not enough, it refuses new ones for a while.
 *
 * The files are counted from time to time, so a burst between two counts may still use up all files, for `LOOK_MS` at most.
 *
 * @param bounds the number of open files that is too many, and the number at which connections are accepted again
 * @returns a function that stops the guard
 */
export function guardAccepting(
  files: OpenFiles,
  { most, enough }: { readonly most: number; readonly enough: number },
  accepting: Accepting,
  log: Logger,
): () => void {
  let timer: ReturnType<typeof setTimeout>
  /** When files were last short; null if the log has said that the shortage is over. */
  let shortAt: number | null = null
  let failing = false

  function look(): void {
    const now = performance.now()
    const open = files.count()
    if (!accepting.accepting) {
      if (open <= enough) resume()
    } else if (open >= most) {
      if (shortAt === null) {
        log.warn(
          { openFiles: open, limit: files.limit },
          'too many open files: idle connections are closed, and new ones refused',
        )
      }
      shortAt = now
      accepting.closeIdle()
      if (files.count() >= most) accepting.pause()
    } else if (shortAt !== null && now - shortAt >= CALM_MS) {
      shortAt = null
      log.info({ openFiles: open }, 'enough files are free again: new connections are accepted')
    }
    timer = setTimeout(look, Math.max(LOOK_MS, (performance.now() - now) / SHARE))
  }

  function resume(): void {
    try {
      accepting.resume()
      failing = false
    } catch (error) {
      if (!failing) log.error({ err: error }, 'the port cannot be opened again; it will be tried again')
      failing = true
    }
  }

  timer = setTimeout(look, LOOK_MS)
  return () => clearTimeout(timer)
}
