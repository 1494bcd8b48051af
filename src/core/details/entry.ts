/** What the core knows about one member of a message's details. */
export interface Entry<Value> {
  /** Returns why a user may not send this value, or null. */
  problem(value: Value): string | null
  /** Returns the value as JSON that `restored` takes. It is stored for ever, so later versions must read it, too. */
  stored(value: Value): unknown
  /** Returns null if this is not what `stored` returns. A newer version may have written it. */
  restored(stored: unknown): Value | null
  /** The most that `length` returns. */
  readonly most: number
  /** Returns the UTF-16 units that count towards the bounds of memory, pages and frames: about the length of the stored form. */
  length(value: Value): number
}
