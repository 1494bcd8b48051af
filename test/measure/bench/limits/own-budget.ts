import { createSendBudget } from '../../../../src/cluster/send-budget.ts'
import type { createSharedBudget as shared } from '../../../../src/cluster/shared-budget.ts'

/** In place of the budget that all nodes share. */
export function createSharedBudget(
  ...[clock, , options]: Parameters<typeof shared>
): ReturnType<typeof shared> {
  return { ...createSendBudget(clock, options), close: () => undefined }
}
