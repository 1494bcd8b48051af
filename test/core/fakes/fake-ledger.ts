import type { Beat, Epoch, EpochLedger, SeenChange } from '../../../src/core/index.ts'

/** A fake of the database for epochs, which can go back to an earlier state. */
export class FakeLedger implements EpochLedger {
  epoch: Epoch = { number: 1, name: 'first' }
  beatsWritten = new Map<string, number>()
  /** When its server was started. */
  server = 1
  /** The proofs that were requested. */
  readonly asked: (SeenChange | null)[] = []
  /** Whether a room contradicts what was seen of it. */
  contradicts: (seen: SeenChange) => boolean = () => false
  /** Runs before each result of a beat; if it throws, the call fails with the error. */
  before: () => Promise<void> | void = () => undefined
  /** Runs after a beat was written, before the result. */
  after: () => Promise<void> | void = () => undefined
  looks = 0

  async beat(node: string, seen: number, next: number | null): Promise<Beat> {
    this.looks++
    await this.before()
    const kept = seen === 0 || this.#has(node, seen)
    if (kept && next !== null) this.beatsWritten.set(node, next)
    const state = { epoch: this.epoch, kept, server: this.server }
    await this.after()
    return state
  }

  async beats(nodes: readonly string[]): Promise<ReadonlyMap<string, number>> {
    return new Map([...this.beatsWritten].filter(([node]) => nodes.includes(node)))
  }

  async beginEpoch(
    from: Epoch,
    next: string,
    node: string,
    seen: number,
    change: SeenChange | null,
  ): Promise<Epoch> {
    this.asked.push(change)
    if (this.epoch.number > from.number) return this.epoch
    const rewritten =
      this.epoch.number === 0 ||
      this.epoch.number < from.number ||
      this.epoch.name !== from.name ||
      (seen > 0 && !this.#has(node, seen)) ||
      (change !== null && this.contradicts(change))
    if (rewritten) this.epoch = { number: from.number + 1, name: next }
    return this.epoch
  }

  /** @returns a function that restores the present state, on a server that was just started */
  backUp(): () => void {
    const { epoch, beatsWritten } = this
    const copy = new Map(beatsWritten)
    return () => {
      this.epoch = epoch
      this.beatsWritten = new Map(copy)
      this.server++
    }
  }

  #has(node: string, beat: number): boolean {
    return (this.beatsWritten.get(node) ?? 0) >= beat
  }
}
