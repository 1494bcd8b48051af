import {
  createMemoryLimiter,
  createMemoryPresence,
  createMemorySignals,
  createSendBudget,
} from '../../src/cluster/index.ts'
import type { Signal } from '../../src/core/index.ts'
import { limiterContract } from '../contract/limiter.ts'
import { roomPresenceContract } from '../contract/room-presence.ts'
import { sendBudgetContract } from '../contract/send-budget.ts'
import { signalsContract } from '../contract/signals.ts'

limiterContract(async (limits) => {
  const limiter = createMemoryLimiter(limits)
  return [limiter, limiter]
})

roomPresenceContract(async () => {
  const presence = createMemoryPresence()
  return [presence, presence]
})

signalsContract(async () => {
  const heard: Signal[] = []
  const node = {
    signals: createMemorySignals(
      (signal) => heard.push(signal),
      (error) => {
        throw error
      },
    ),
    heard,
  }
  return [node, node]
})

sendBudgetContract(createSendBudget)
