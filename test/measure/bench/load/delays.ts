import { type Static, Type } from '@sinclair/typebox'

/** Upper ends of the buckets that delays are counted in, in milliseconds. One more bucket holds what takes longer. */
export const BUCKETS_MS: readonly number[] = [0.25, 0.5, 1, 1.5, 2, 3, 4, 6, 8, 12, 16, 24, 32, 64, 128, 256]

/** In milliseconds. */
export const Delays = Type.Object({
  p50: Type.Number(),
  p99: Type.Number(),
  most: Type.Number(),
  /** How many there were in each bucket. */
  counts: Type.Array(Type.Integer()),
})
export type Delays = Static<typeof Delays>

/** The nearest rank: what so many parts of all delays do not exceed, which is one of them. @returns null for none */
export function delaysOf(milliseconds: readonly number[]): Delays | null {
  const sorted = Float64Array.from(milliseconds).sort()
  const at = (share: number) => sorted[Math.ceil(sorted.length * share) - 1]
  const [p50, p99, most] = [at(0.5), at(0.99), at(1)]
  if (p50 === undefined || p99 === undefined || most === undefined) return null
  return { p50, p99, most, counts: countsOf(sorted) }
}

/** @param sorted ascending */
function countsOf(sorted: Float64Array): number[] {
  const counts = new Array<number>(BUCKETS_MS.length + 1).fill(0)
  let bucket = 0
  for (const delay of sorted) {
    while (delay > (BUCKETS_MS[bucket] ?? Number.POSITIVE_INFINITY)) bucket++
    counts[bucket] = (counts[bucket] ?? 0) + 1
  }
  return counts
}

/** How many there were in each bucket, over all of them. */
export function sumOfCounts(all: readonly Delays[]): number[] {
  return Array.from({ length: BUCKETS_MS.length + 1 }, (_, bucket) =>
    all.reduce((sum, { counts }) => sum + (counts[bucket] ?? 0), 0),
  )
}
