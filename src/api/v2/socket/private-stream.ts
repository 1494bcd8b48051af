import { ChatError, isSeq, type Seq, START } from '../../../core/index.ts'
import { privateBody } from '../private-bodies.ts'
import type { ClientFrame } from '../wire/index.ts'
import { frame } from './codec.ts'
import type { Peer } from './peer.ts'

/** Entries in an answer, and in a frame. */
const MOST = 200

/** Tells one connection what its user keeps privately, once its client has asked for it. */
export class PrivateStream {
  readonly #peer: Peer
  /** Up to which number the client was told; null for one that has not asked. */
  #told: Seq | null = null
  #isReading = false
  /** Whether there may be more than what is being read. */
  #isBehind = false

  constructor(peer: Peer) {
    this.#peer = peer
  }

  get isFollowed(): boolean {
    return this.#told !== null
  }

  /** Answers what has changed after a number. @throws ChatError `unavailable`, `overloaded` */
  async answer({ id, after, epoch }: Extract<ClientFrame, { type: 'private' }>): Promise<void> {
    const { connection, server } = this.#peer
    const { history, privateState } = server.chat
    const isHeld = epoch === undefined || (await history.continues(epoch))
    const known = isHeld && after !== undefined && isSeq(after) ? after : START
    const { entries, upTo, head, reset } = await privateState.changes(connection.user.id, known, MOST)
    this.#told = upTo
    const answer = { entries: entries.map(privateBody), head: upTo, more: upTo < head }
    this.#peer.result(id, reset || !isHeld ? { ...answer, reset: true } : answer)
    if (this.#isBehind) this.#read()
  }

  /** Tells what changes after a number that the client has everything up to, without an answer. */
  follow(after: Seq): void {
    this.#told = after
    this.moved(null)
  }

  /** Something has changed. @param seq up to which number there is something; null if it is not known */
  moved(seq: Seq | null): void {
    if (this.#told === null || (seq !== null && seq <= this.#told)) return
    this.#isBehind = true
    this.#read()
  }

  #read(): void {
    if (this.#isReading) return
    this.#isReading = true
    this.#tell()
      .catch((error: unknown) => {
        // What was not told is told after the next comparison with the database.
        const passing = error instanceof ChatError
        if (!passing) this.#peer.server.log.error({ err: error }, 'private entries could not be told')
      })
      .finally(() => {
        this.#isReading = false
      })
  }

  async #tell(): Promise<void> {
    const { connection, server } = this.#peer
    while (this.#isBehind && connection.alive) {
      this.#isBehind = false
      await connection.drained()
      const after = this.#told
      if (after === null || !connection.alive) return
      const { entries, upTo, head } = await server.chat.privateState.changes(connection.user.id, after, MOST)
      // The client may have asked meanwhile.
      if (this.#told !== after) {
        this.#isBehind = true
        continue
      }
      if (upTo === after || !connection.alive) continue
      this.#told = upTo
      connection.send(frame({ type: 'private', after, head: upTo, entries: entries.map(privateBody) }))
      if (upTo < head) this.#isBehind = true
    }
  }
}
