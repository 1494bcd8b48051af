import { type Static, Type } from '@sinclair/typebox'

/** In milliseconds. */
export const Delays = Type.Object({ p50: Type.Number(), p99: Type.Number() })
export type Delays = Static<typeof Delays>

/** The nearest rank: what so many parts of all delays do not exceed, which is one of them. @returns null for none */
export function delaysOf(milliseconds: readonly number[]): Delays | null {
  const sorted = Float64Array.from(milliseconds).sort()
  const at = (share: number) => sorted[Math.ceil(sorted.length * share) - 1]
  const [p50, p99] = [at(0.5), at(0.99)]
  return p50 === undefined || p99 === undefined ? null : { p50, p99 }
}
