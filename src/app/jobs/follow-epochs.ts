import type { Core } from '../../core/index.ts'
import type { Connections, Identities, Logger } from '../../server/index.ts'
import { sendAway } from '../shutdown/index.ts'

/** Milliseconds until connections are checked once more: handshakes under way may have used sessions that the database has lost. */
const LATE_MS = 5000

export interface EpochParts {
  readonly core: Core
  readonly connections: Connections
  readonly identities: Identities
  /** Looks for connections whose sessions have ended. */
  readonly findEnded: () => void
  readonly log: Logger
}

/**
 * Drops everything that this node holds of the database when another epoch of its history begins. As after a restart, all connections
 * end, and clients that come back are identified and read anew.
 * @returns a function that stops watching
 */
export function followEpochs({ core, connections, identities, findEnded, log }: EpochParts): () => void {
  let late: ReturnType<typeof setTimeout> | undefined
  core.epochs.watch({
    rewritten(from, to, proof) {
      log.warn(
        { from, to, proof, sockets: connections.size },
        'the database lacks what this node had seen in it, as after an older backup or a standby that was behind: all clients begin anew',
      )
      identities.forgetAll()
      sendAway(connections, 'the history was rewritten')
      core.feed.dropAll()
      findEnded()
      clearTimeout(late)
      late = setTimeout(findEnded, LATE_MS)
    },
    compare: () => core.feed.reconcile(),
    failed: (error) => log.warn({ err: error }, 'the epoch of the history could not be looked up'),
  })
  return () => {
    clearTimeout(late)
    core.epochs.stop()
  }
}
