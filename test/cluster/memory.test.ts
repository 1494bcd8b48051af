import { expect, test } from 'bun:test'
import { createLonelyConnectionCounts } from '../../src/cluster/local/connections.ts'
import { createMemoryBus } from '../../src/cluster/local/fan-out.ts'
import { createMemoryLimiter } from '../../src/cluster/local/limiter.ts'
import { createMemoryRoomPresence, createMemoryUserPresence } from '../../src/cluster/local/presence.ts'
import { createMemorySignals } from '../../src/cluster/local/signals.ts'
import { createSendBudget } from '../../src/cluster/send-budget.ts'
import type { RoomEvent, Signal, UserId } from '../../src/core/index.ts'
import { FakeClock } from '../core/fakes/clock.ts'
import { fanOutContract } from '../ports/fan-out.ts'
import { limiterContract } from '../ports/limiter.ts'
import { roomPresenceContract } from '../ports/room-presence.ts'
import { sendBudgetContract } from '../ports/send-budget.ts'
import { signalsContract } from '../ports/signals.ts'
import { userPresenceContract } from '../ports/user-presence.ts'

limiterContract(async (limits) => {
  const limiter = createMemoryLimiter(new FakeClock(), limits)
  return [limiter, limiter]
})

roomPresenceContract(async () => {
  const presence = createMemoryRoomPresence()
  return [presence, presence]
})

userPresenceContract(async () => {
  const nodes = new Set<ReadonlySet<UserId>>()
  return [createMemoryUserPresence(nodes), createMemoryUserPresence(nodes)]
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
    listen: () => Promise.resolve(),
  }
  return [node, node]
})

sendBudgetContract(createSendBudget)

fanOutContract(async () => {
  const bus = createMemoryBus()
  const node = () => {
    const heard: RoomEvent[] = []
    return { fanOut: bus.join((_, events) => heard.push(...events)), heard }
  }
  return [node(), node()]
})

test('a single node has all connections', () => {
  const counts = createLonelyConnectionCounts()
  counts.tell('user', '1', 100)
  expect(counts.elsewhere('user', '1')).toBe(0)
})
