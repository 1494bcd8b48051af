import { ChatError } from '../errors.ts'
import type { Clock, MessageLog, SearchIndex, Timer } from '../ports.ts'
import { searchText } from '../text/index.ts'
import { gramsOf } from './grams.ts'

/** Milliseconds from a write of this node until it is indexed: what comes meanwhile is indexed with it. */
const GATHER_MS = 200
/** Milliseconds between two looks for what other nodes have left, and for messages from before there was a search. */
const LOOK_MS = 5000
/** Of the time that the work takes, as much passes without work: so a backlog takes at most half of one connection. */
const REST = 1

export interface IndexerOptions {
  /** Called when indexing fails after it had succeeded, unless the database is away. It is retried. */
  readonly onIndexFailure: (error: unknown) => void
}

export interface Indexer {
  /** A message was written or revised on this node. Cheap, so that it can be called for each batch. */
  noteWrite(): void
  start(): void
  /** Begins nothing more; resolves when nothing is under way. */
  stop(): Promise<void>
}

/** Indexes messages for the search, some time after they were written, in pieces that leave the database to others in between. */
export function createIndexer(
  index: SearchIndex,
  clock: Pick<Clock, 'after' | 'ticks'>,
  { onIndexFailure }: IndexerOptions,
): Indexer {
  let timer: Timer | null = null
  /** When the timer is due, in the clock's ticks. */
  let dueAt = 0
  let working: Promise<void> | null = null
  let noted = false
  let failing = false
  let running = false

  function schedule(ms: number): void {
    if (!running || working !== null) return
    const at = clock.ticks() + ms
    if (timer !== null && dueAt <= at) return
    timer?.cancel()
    dueAt = at
    timer = clock.after(ms, () => {
      timer = null
      working = work().then((nextMs) => {
        working = null
        schedule(nextMs)
      })
    })
  }

  /** Indexes one piece. Never rejects. @returns milliseconds until the next */
  async function work(): Promise<number> {
    noted = false
    const from = clock.ticks()
    try {
      const found = await index.unindexed()
      if (found === null) {
        failing = false
        return noted ? GATHER_MS : LOOK_MS
      }
      await index.index(
        found,
        found.messages.map(({ body }) => gramsOf(searchText(body))),
      )
      failing = false
      return (clock.ticks() - from) * REST
    } catch (error) {
      // The store tells of its outages by itself.
      const isOutage = error instanceof ChatError && error.kind === 'unavailable'
      if (!failing && !isOutage && running) onIndexFailure(error)
      failing = true
      return LOOK_MS
    }
  }

  return {
    noteWrite() {
      if (noted) return
      noted = true
      schedule(GATHER_MS)
    },
    start() {
      running = true
      schedule(0)
    },
    async stop() {
      running = false
      timer?.cancel()
      await working
    },
  }
}

/** Returns a log that tells the indexer of what is written to it, once a batch. */
export function noteWrites<Log extends Pick<MessageLog, 'append' | 'revise'>>(
  log: Log,
  { noteWrite }: Pick<Indexer, 'noteWrite'>,
): Log {
  return {
    ...log,
    append: (lane, batch) => log.append(lane, batch).finally(noteWrite),
    revise: (...revision) => log.revise(...revision).finally(noteWrite),
  }
}
