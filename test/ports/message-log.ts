import { describe } from 'bun:test'
import { appendContract } from './message-log/append.ts'
import { changesContract } from './message-log/changes.ts'
import { detailsContract } from './message-log/details.ts'
import { historyContract } from './message-log/history.ts'
import { numberedContract } from './message-log/numbered.ts'
import { retryContract } from './message-log/retry.ts'
import { reviseContract } from './message-log/revise.ts'
import { revisionsContract } from './message-log/revisions.ts'
import { textContract } from './message-log/text.ts'
import type { MakeStores } from './world.ts'

/** What `MessageLog` promises. */
export function messageLogContract(make: MakeStores): void {
  describe('a message log', () => {
    appendContract(make)
    retryContract(make)
    reviseContract(make)
    detailsContract(make)
    revisionsContract(make)
    historyContract(make)
    numberedContract(make)
    changesContract(make)
    textContract(make)
  })
}
