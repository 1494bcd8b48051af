import type { ConnectionCounts } from '../../core/index.ts'

/** A node that is alone: there are no others whose connections count. */
export function createLonelyConnectionCounts(): ConnectionCounts {
  return { tell: () => undefined, elsewhere: () => 0 }
}
