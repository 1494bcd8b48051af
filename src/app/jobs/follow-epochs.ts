import type { Core } from '../../core/index.ts'
import type { Connections, Identities, Logger } from '../../server/index.ts'
import { sendAway } from '../shutdown/index.ts'

/** Milliseconds until connections are checked again: handshakes under way may have used sessions that the database has lost. */
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
 * Drops everything that this node holds from the database when another epoch of its history begins. All connections are closed, as in a
 * restart: clients reconnect, are identified again and read again.
 * @returns a function that stops watching
 */
export function followEpochs({ core, connections, identities, findEnded, log }: EpochParts): () => void {
  let late: ReturnType<typeof setTimeout> | undefined
  core.epochs.watch({
    rewritten(from, to, proof) {
      log.warn(
        { from, to, proof, sockets: connections.size },
        'the database lacks data that this node has read from it, as if an older backup was restored or a lagging standby promoted: all clients are disconnected and start again from snapshots',
      )
      identities.forgetAll()
      sendAway(connections, 'the history was rewritten')
      core.feed.dropAll()
      findEnded()
      clearTimeout(late)
      late = setTimeout(findEnded, LATE_MS)
    },
    compare: () => core.feed.reconcile(),
    failed: (error) =>
      log.warn(
        { err: error },
        'the epoch of the history could not be read from the database; it will be tried again',
      ),
  })
  return () => {
    clearTimeout(late)
    core.epochs.stop()
  }
}
