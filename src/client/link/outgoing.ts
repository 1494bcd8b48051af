/** UTF-8 has at most three bytes for each UTF-16 code unit. */
const MOST_BYTES = 3

export interface BatchLimits {
  readonly requests: number
  readonly bytes: number
}

/**
 * Sends the requests of one connection. Those of one turn go together, as a JSON array, once the server has said that it takes arrays;
 * before that, each goes at once.
 */
export function createOutgoing(send: (text: string) => void) {
  let limits: BatchLimits = { requests: 1, bytes: 0 }
  let waiting: string[] = []

  function flush(): void {
    const texts = waiting
    waiting = []
    for (const batch of batchesOf(texts, limits)) {
      const [first = ''] = batch
      send(batch.length === 1 ? first : `[${batch.join()}]`)
    }
  }

  return {
    /** Called once the server has told its limits. */
    limit(given: BatchLimits): void {
      limits = given
    },
    /** Sends a request in the form of JSON. */
    push(text: string): void {
      if (limits.requests < 2) send(text)
      else if (waiting.push(text) === 1) queueMicrotask(flush)
    },
    /** Sends at once what waits for the end of the turn. */
    flush,
    /** Drops what waits. */
    clear(): void {
      waiting = []
    },
  }
}

/** A request that is too long for a batch is one of its own. The bytes are estimated: counting them would encode each text twice. */
function batchesOf(texts: readonly string[], { requests, bytes }: BatchLimits): string[][] {
  const batches: string[][] = []
  let batch: string[] = []
  let size = 0
  for (const text of texts) {
    const more = text.length * MOST_BYTES + 1
    if (batch.length === 0 || batch.length === requests || size + more > bytes) {
      batch = []
      batches.push(batch)
      size = 1
    }
    batch.push(text)
    size += more
  }
  return batches
}
