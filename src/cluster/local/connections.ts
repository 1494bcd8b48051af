import type { ConnectionCounts } from '../../core/index.ts'

/** For a single node: there are no others whose connections count. */
export function createLonelyConnectionCounts(): ConnectionCounts {
  return { tell: () => undefined, elsewhere: () => 0 }
}
