import type { AttachmentRegister, Clock, Contents } from '../ports.ts'
import { UNSENT_MS } from './bounds.ts'

/** The most attachments that one piece of work ends or removes. */
const PIECE = 200
/** The most pieces of one sweep. */
const MOST_PIECES = 20
/** Milliseconds from a deletion to the removal of the bytes: several deletions make one piece of work. */
const SOON_MS = 100

export interface SweepsDeps {
  readonly store: AttachmentRegister
  readonly contents: Contents
  readonly clock: Clock
  readonly onFault: (error: unknown) => void
}

/**
 * Removes bytes that nobody can see any more. The row is ended first, then the bytes are removed, and the row at last: whenever a node
 * dies, what is left has a row that says so, and the next sweep of any node finds it.
 */
export function createSweeps({ store, contents, clock, onFault }: SweepsDeps) {
  let isDue = false

  async function removeEnded(): Promise<void> {
    for (let piece = 0; piece < MOST_PIECES; piece++) {
      const ended = await store.endedAttachments(PIECE)
      if (ended.length === 0) return
      await contents.remove(ended.map(({ key }) => key))
      await store.forgetAttachments(ended.map(({ id }) => id))
      if (ended.length < PIECE) return
    }
  }

  /** Bytes have lost their row if the database has gone back to an older backup. */
  async function removeUnknown(): Promise<void> {
    const keys = await contents.sample(UNSENT_MS)
    if (keys.length === 0) return
    const known = await store.knownContents(keys)
    await contents.remove(keys.filter((key) => !known.has(key)))
  }

  return {
    removeSoon(): void {
      if (isDue) return
      isDue = true
      clock.after(SOON_MS, () => {
        isDue = false
        removeEnded().catch(onFault)
      })
    },

    async sweep(): Promise<void> {
      for (let piece = 0; piece < MOST_PIECES; piece++) {
        if ((await store.lapseAttachments(UNSENT_MS, PIECE)) < PIECE) break
      }
      await removeEnded()
      await contents.tidy(UNSENT_MS)
      await removeUnknown()
    },
  }
}
