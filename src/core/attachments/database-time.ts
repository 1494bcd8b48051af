import type { AttachmentRegister, Clock } from '../ports.ts'

/** Milliseconds for which this node counts on by itself. */
const FRESH_MS = 60_000

/**
 * The time of day by the database, which all nodes share: a machine's own clock can be wrong. Read once a minute at most; in between the
 * node counts on by itself.
 */
export class DatabaseTime {
  readonly #store: Pick<AttachmentRegister, 'databaseTime'>
  readonly #clock: Clock
  #read: Promise<Reading> | null = null

  constructor(store: Pick<AttachmentRegister, 'databaseTime'>, clock: Clock) {
    this.#store = store
    this.#clock = clock
  }

  /** Returns seconds since 1970. @throws ChatError `unavailable` */
  async seconds(): Promise<number> {
    const now = this.#clock.ticks()
    const { time, ticks } = await (this.#read ?? this.#refresh())
    if (now - ticks < FRESH_MS) return Math.floor((time + now - ticks) / 1000)
    const fresh = await this.#refresh()
    return Math.floor(fresh.time / 1000)
  }

  #refresh(): Promise<Reading> {
    const reading = this.#store.databaseTime().then((time) => ({ time, ticks: this.#clock.ticks() }))
    this.#read = reading
    reading.catch(() => {
      if (this.#read === reading) this.#read = null
    })
    return reading
  }
}

/** A time of the database, in milliseconds since 1970, and the clock's ticks when it came. */
interface Reading {
  readonly time: number
  readonly ticks: number
}
