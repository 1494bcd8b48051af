import type { FanOut } from '../core/index.ts'

/** A node that is alone has nobody to tell, and misses nothing. */
export const alone: FanOut = {
  publishEvents: () => undefined,
  listen: () => Promise.resolve(),
  forget: () => undefined,
  whole: true,
}
