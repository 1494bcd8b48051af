// Every contract that the Redis implementation keeps, between two nodes on one Redis.
import { afterAll, expect } from 'bun:test'
import { openRedis, type RedisClients } from '../../../../src/cluster/redis/connection/clients.ts'
import { createBudgetLedger } from '../../../../src/cluster/redis/limits/budget-ledger.ts'
import { createRedisLimiter } from '../../../../src/cluster/redis/limits/limiter.ts'
import { createRedisPresence, type RedisPresence } from '../../../../src/cluster/redis/presence/presence.ts'
import { createSharedBudget } from '../../../../src/cluster/shared-budget.ts'
import { systemClock } from '../../../../src/server/index.ts'
import { connectionCountsContract, LIMITS, type Surplus } from '../../../ports/connection-counts.ts'
import { fanOutContract } from '../../../ports/fan-out.ts'
import { limiterContract } from '../../../ports/limiter.ts'
import { roomPresenceContract } from '../../../ports/room-presence.ts'
import { sharedBudgetContract } from '../../../ports/shared-budget.ts'
import { signalsContract } from '../../../ports/signals.ts'
import { userPresenceContract } from '../../../ports/user-presence.ts'
import { type BusNode, openBusNode } from './bus-node.ts'

/** @param url of a Redis that is there once the tests run. Nothing may fail or be lost in any of them */
export function redisContracts(url: () => string): void {
  const failures: unknown[] = []
  const buses: BusNode[] = []
  const opened: { close(): unknown }[] = []
  const connections: RedisClients[] = []
  let made = 0
  let closing = false
  /** So that no two suites share a key. */
  const prefix = () => `p${++made}`

  afterAll(async () => {
    // Some users are still there: a node that goes says so.
    closing = true
    for (const bus of buses) {
      await bus.close()
      expect([bus.failures, bus.faults, bus.lost, bus.lostSignals()]).toEqual([[], [], [], 0])
    }
    for (const each of opened) await each.close()
    expect(failures).toEqual([])
    for (const each of connections) each.close()
  })

  async function client(): Promise<RedisClients['commands']> {
    const clients = openRedis(url(), (error) => failures.push(error))
    connections.push(clients)
    expect(await clients.ready(10_000)).toBe(true)
    return clients.commands
  }

  async function both<T>(make: (prefix: string, node: string) => Promise<T>): Promise<[T, T]> {
    const own = prefix()
    return [await make(own, 'one'), await make(own, 'two')]
  }

  const busNodes = () =>
    both(async (own) => {
      const node = await openBusNode(url(), { prefix: own })
      buses.push(node)
      return node
    })

  const presences = () =>
    both(async (own, node): Promise<RedisPresence & { readonly surplus: Surplus[] }> => {
      const surplus: Surplus[] = []
      const unexpected = (what: string) => () => {
        if (!closing) failures.push(new Error(what))
      }
      const handlers = {
        died: unexpected('died'),
        offline: unexpected('offline'),
        departed: unexpected('departed'),
        buried: unexpected('buried'),
        crowded: (...told: Surplus) => void surplus.push(told),
        failure: (error: unknown) => void failures.push(error),
      }
      const presence = await createRedisPresence(await client(), own, node, LIMITS, handlers)
      opened.push(presence)
      return { ...presence, surplus }
    })

  fanOutContract(busNodes)
  signalsContract(async () => {
    const [one, two] = await busNodes()
    return [
      { ...one, heard: one.signalled },
      { ...two, heard: two.signalled },
    ]
  })
  limiterContract((limits) =>
    both(async (own) =>
      createRedisLimiter(await client(), own, systemClock, limits, (error) => failures.push(error)),
    ),
  )
  sharedBudgetContract((options) =>
    both(async (own) => {
      const ledger = createBudgetLedger(await client(), own, 'm', options, (error) => failures.push(error))
      const budget = createSharedBudget(systemClock, ledger, options)
      opened.push(budget)
      return budget
    }),
  )
  userPresenceContract(async () => {
    const [one, two] = await presences()
    return [one.users, two.users]
  })
  connectionCountsContract(async () => {
    const [one, two] = await presences()
    return [
      { counts: one.connections, surplus: one.surplus },
      { counts: two.connections, surplus: two.surplus },
    ]
  })
  roomPresenceContract(async () => {
    const [one, two] = await presences()
    return [one.rooms, two.rooms]
  })
}
