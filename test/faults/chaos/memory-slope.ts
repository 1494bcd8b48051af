export interface Sample {
  /** Milliseconds since the beginning. */
  readonly at: number
  readonly bytes: number
}

export interface Slope {
  readonly bytesPerMinute: number
  /** Standard deviation of the samples around the line. */
  readonly noise: number
  /** Whether what it grew by in all is no more than chance. */
  readonly withinNoise: boolean
}

/** What grows by less than this in all is no leak that could be told from a heap that breathes. */
const LEAST_BYTES = 24 * 2 ** 20

/** The least-squares line through samples of memory, those before `from` left out. */
export function slopeOf(samples: readonly Sample[], from: number): Slope {
  const used = samples.filter(({ at }) => at >= from)
  const n = Math.max(1, used.length)
  const meanAt = used.reduce((sum, { at }) => sum + at, 0) / n
  const meanBytes = used.reduce((sum, { bytes }) => sum + bytes, 0) / n
  const covariance = used.reduce((sum, { at, bytes }) => sum + (at - meanAt) * (bytes - meanBytes), 0)
  const variance = used.reduce((sum, { at }) => sum + (at - meanAt) ** 2, 0)
  const perMs = variance === 0 ? 0 : covariance / variance
  const residuals = used.reduce(
    (sum, { at, bytes }) => sum + (bytes - meanBytes - perMs * (at - meanAt)) ** 2,
    0,
  )
  const noise = Math.sqrt(residuals / n)
  const grown = perMs * ((used.at(-1)?.at ?? 0) - (used[0]?.at ?? 0))
  return { bytesPerMinute: perMs * 60_000, noise, withinNoise: grown <= Math.max(2 * noise, LEAST_BYTES) }
}
