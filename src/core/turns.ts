/** Characters processed within one turn of the event loop; a larger text gets a turn of its own. */
const TURN_TEXT = 262_144
/** Smaller texts never wait and are not counted. */
const SMALL_TEXT = 16_384

/**
 * How often the event loop goes round between two such turns. A new connection takes one round to be accepted and another one for
 * its request to be read: with a large answer in each of them, a small request would wait for several large ones.
 */
const ROUNDS = 3

/**
 * Resolves when so many characters may be processed. The caller processes them up to its next await, within one turn of the event
 * loop; the process serves others between the turns.
 */
export type TakeTurn = (text: number) => Promise<void>

/**
 * Spreads the work on large texts over turns of the event loop: bodies of requests, and answers of the database. Several of them may
 * arrive within one turn; to parse, check and encode all of them at once would block everyone else for as long as they take together.
 */
export function createTurns(): TakeTurn {
  let used = 0
  let isDue = false
  let waiting: { readonly text: number; readonly go: () => void }[] = []

  function begin(): void {
    if (isDue) return
    isDue = true
    afterRounds(ROUNDS, next)
  }

  function next(): void {
    isDue = false
    used = 0
    let count = 0
    for (const { text, go } of waiting) {
      if (!fits(text)) break
      used += text
      count++
      go()
    }
    if (count === 0) return
    waiting = waiting.slice(count)
    begin()
  }

  function fits(text: number): boolean {
    return used === 0 || used + text <= TURN_TEXT
  }

  return (text) => {
    if (text < SMALL_TEXT) return Promise.resolve()
    begin()
    if (waiting.length === 0 && fits(text)) {
      used += text
      return Promise.resolve()
    }
    return new Promise((go) => waiting.push({ text, go }))
  }
}

function afterRounds(rounds: number, run: () => void): void {
  setImmediate(rounds > 1 ? () => afterRounds(rounds - 1, run) : run)
}
