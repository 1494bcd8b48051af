import type { Logger } from './logger.ts'
import type { OpenFiles } from './open-files.ts'

/** How often open files are counted, in milliseconds; less often if counting takes long. */
const LOOK_MS = 100
/** Of the time between two counts, what a count may take. */
const SHARE = 0.02
/** How long all must have been well until the log says so, in milliseconds. */
const CALM_MS = 10_000

export interface Accepting {
  readonly accepting: boolean
  /** Closes connections that have had an answer and now wait for nothing. */
  closeIdle(): void
  /** Refuses new connections; those that are open are served. */
  pause(): void
  /** @throws if the port cannot be had */
  resume(): void
}

/**
 * Keeps the process from running out of files. Without a file left, nothing can be accepted, the listening socket stays
 * readable, and the event loop spins; nor can the database be connected to, or a file be read. So before that, idle
 * connections are closed, and if that is not enough, new ones are refused for a while.
 *
 * The count is taken now and then, so a burst between two counts may still use up all files: for `LOOK_MS` at most.
 *
 * @param bounds open files from which on there are too many, and up to which connections are accepted again
 * @returns what ends it
 */
export function guardAccepting(
  files: OpenFiles,
  { most, enough }: { readonly most: number; readonly enough: number },
  accepting: Accepting,
  log: Logger,
): () => void {
  let timer: ReturnType<typeof setTimeout>
  /** When files were last short; null if the log has said that they are not. */
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
      log.info({ openFiles: open }, 'there are open files to spare: accepts new connections as before')
    }
    timer = setTimeout(look, Math.max(LOOK_MS, (performance.now() - now) / SHARE))
  }

  function resume(): void {
    try {
      accepting.resume()
      failing = false
    } catch (error) {
      if (!failing) log.error({ err: error }, 'the port that was let go of cannot be had again')
      failing = true
    }
  }

  timer = setTimeout(look, LOOK_MS)
  return () => clearTimeout(timer)
}
