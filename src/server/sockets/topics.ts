/** A listener to topics. `send` returns -1 if the text waits for the client. */
export interface Listener {
  send(text: string): number
}

/** What Bun's topics are to sockets, for the connections that are no sockets. */
export class Topics {
  readonly #listeners = new Map<string, Set<Listener>>()

  /** Adds a listener. Does nothing if it listens already. */
  join(topic: string, listener: Listener): void {
    const there = this.#listeners.get(topic)
    if (there === undefined) this.#listeners.set(topic, new Set([listener]))
    else there.add(listener)
  }

  leave(topic: string, listener: Listener): void {
    const there = this.#listeners.get(topic)
    if (there?.delete(listener) && there.size === 0) this.#listeners.delete(topic)
  }

  /** Hands the text to the topic's listeners. @returns whether one of them has more to send than it could send at once */
  publish(topic: string, text: string): boolean {
    let behind = false
    // Deleting from a Set while it is iterated is safe: a listener that is over its bound leaves.
    for (const listener of this.#listeners.get(topic) ?? []) if (listener.send(text) === -1) behind = true
    return behind
  }
}
