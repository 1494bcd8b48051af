import { megabytes, memoryOf } from '../support/memory.ts'
import { type Sample, slopeOf } from './memory-slope.ts'

/** A node's memory is not looked at before this, in milliseconds: caches and pools fill up. */
const WARM_UP_MS = 60_000

/** A node that is to live throughout. */
export function followMemory({ pid }: { readonly pid: number }): { stop(): Sample[] } {
  const samples: Sample[] = []
  const start = performance.now()
  const timer = setInterval(() => {
    memoryOf(pid).then(
      (bytes) => samples.push({ at: performance.now() - start, bytes }),
      // It has ended, which is for others to tell.
      () => clearInterval(timer),
    )
  }, 1000)
  return {
    stop() {
      clearInterval(timer)
      return samples
    },
  }
}

export function sayMemory(samples: readonly Sample[]): { sentence: string; withinNoise: boolean } {
  const lastAt = samples.at(-1)?.at ?? 0
  const slope = slopeOf(samples, Math.min(WARM_UP_MS, lastAt / 2))
  const sentence =
    `${megabytes(samples.at(-1)?.bytes ?? 0)} MiB at the end, ` +
    `${(slope.bytesPerMinute / 2 ** 20).toFixed(2)} MiB a minute after warm-up, ± ${megabytes(slope.noise)} MiB: ` +
    (slope.withinNoise ? 'within noise' : 'GROWING')
  return { sentence, withinNoise: slope.withinNoise }
}
