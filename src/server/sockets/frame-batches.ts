/** Characters after which a batch ends, so that a client that reads slowly is not given a large frame at once. */
const BATCH_TEXT = 65_536

/** Returns frames as one client takes them: each by itself, or in batches. */
export function framesFor(client: { readonly takesBatches: boolean }, frames: readonly string[]) {
  return client.takesBatches ? batchesOf(frames) : frames
}

/**
 * Puts frames of JSON into as few text frames as they need: each holds a JSON array of them, in order. A frame that is alone stays as
 * it is.
 */
export function batchesOf(frames: readonly string[]): string[] {
  const batches: string[] = []
  let from = 0
  let text = 0
  for (let at = 0; at < frames.length; at++) {
    text += frames[at]?.length ?? 0
    if (text < BATCH_TEXT && at < frames.length - 1) continue
    batches.push(batchOf(frames.slice(from, at + 1)))
    from = at + 1
    text = 0
  }
  return batches
}

function batchOf(frames: readonly string[]): string {
  const [first] = frames
  return frames.length === 1 && first !== undefined ? first : `[${frames.join(',')}]`
}
