import type { Cluster } from '../../../../src/cluster/index.ts'
import { type Listeners, startListeners } from './listeners.ts'
import { type RedisUsage, type RedisWatch, since } from './redis-usage.ts'
import { idOf, messagesOf, openSimulatedNode, roomsOfShards } from './simulated-node.ts'

export interface Traffic {
  readonly name: string
  /** Messages in an entry. */
  readonly messages: number
  /** Entries, over all shards in turn. Of few each costs more: everyone concerned wakes up for it alone. */
  readonly perSecond: number
}

/** What an entry costs. CPU in microseconds, bytes as Redis counts them, protocol included. */
export interface EntryCost {
  /** Whoever listens. */
  readonly written: Cost
  /** For each node that listens. */
  readonly read: Cost
  /** Bytes of memory. */
  readonly kept: number
  /** Messages that were in it: more than wanted where writing did not keep up. */
  readonly messages: number
}

export interface Cost {
  readonly redis: number
  readonly node: number
  readonly bytes: number
}

export interface IdleCost {
  /** Of Redis, microseconds a second. */
  readonly redis: number
  /** A second, as clients send them. */
  readonly commands: number
}

/** Of Redis, in microseconds, and in bytes of memory. */
export interface UserCost {
  readonly arrival: number
  readonly online: { readonly bytes: number }
  readonly entering: number
  /** Each time that what was used is told. */
  readonly budget: number
}

const LISTENERS = 2
const WARM_UP_MS = 1000
/** Longer than what was used gathers for. */
const TOLD_AFTER_MS = 300

/** Writes entries at a steady rate, first with nobody who listens, then with some. */
export async function measureEntries(
  url: string,
  redis: RedisWatch,
  traffic: Traffic,
  seconds: number,
): Promise<EntryCost> {
  const writer = await openSimulatedNode(url)
  const alone = await writeEntries(writer, redis, traffic, seconds, null)
  const listeners = await startListeners(url, LISTENERS)
  const heard = await writeEntries(writer, redis, traffic, seconds, listeners)
  const kept = await bytesPerEntry(redis)
  await listeners.close()
  await writer.close()
  return {
    written: { redis: alone.redis, node: alone.writer, bytes: alone.bytesIn },
    read: {
      redis: (heard.redis - alone.redis) / LISTENERS,
      node: heard.listeners / LISTENERS,
      bytes: (heard.bytesOut - alone.bytesOut) / LISTENERS,
    },
    kept,
    messages: heard.messages,
  }
}

/** A node that listens to all shards while nothing happens. */
export async function measureIdle(url: string, redis: RedisWatch, seconds: number): Promise<IdleCost> {
  // What Redis does for nobody is not theirs.
  const unused = await during(redis, () => Bun.sleep(seconds * 1000))
  const listeners = await startListeners(url, LISTENERS)
  await Bun.sleep(WARM_UP_MS)
  const used = await during(redis, () => Bun.sleep(seconds * 1000))
  await listeners.close()
  const each = LISTENERS * seconds
  return { redis: ((used.cpu - unused.cpu) / each) * 1e6, commands: sentByClients(used) / each }
}

/** Users who come, enter a room, and send. */
export async function measureUsers(url: string, redis: RedisWatch, users: number): Promise<UserCost> {
  const node = await openSimulatedNode(url)
  const ids = Array.from({ length: users }, (_, index) => idOf(index + 1))
  const [room = idOf(1)] = roomsOfShards()
  const each = async (run: () => Promise<unknown>) => ((await during(redis, run)).cpu / users) * 1e6

  const arrival = await each(async () => {
    for (const id of ids) await node.userPresence.arrive(id)
  })
  const bytes = (await redis.sizeOf('*:online')) / users
  const entering = await each(async () => {
    for (const id of ids) await node.roomPresence.enter(room, id)
  })
  const budget = await each(async () => {
    for (const id of ids) node.budget.take(id)
    await Bun.sleep(TOLD_AFTER_MS)
  })
  await node.close()
  return { arrival, online: { bytes }, entering, budget }
}

async function writeEntries(
  writer: Cluster,
  redis: RedisWatch,
  { messages, perSecond }: Traffic,
  seconds: number,
  listeners: Listeners | null,
): Promise<EntryUsage> {
  const batches = roomsOfShards().map((room) => ({ room, events: messagesOf(room, messages) }))
  let [due, published] = [performance.now(), 0]
  const timer = setInterval(() => {
    for (const now = performance.now(); due <= now; due += 1000 / perSecond) {
      const batch = batches[published++ % batches.length]
      if (batch !== undefined) writer.fanOut.publishEvents(batch.room, batch.events)
    }
  }, 1)
  await Bun.sleep(WARM_UP_MS)
  const [own, others, before] = [process.cpuUsage(), listeners?.cpu() ?? 0, published]
  const used = await during(redis, () => Bun.sleep(seconds * 1000))
  const { user, system } = process.cpuUsage(own)
  const heard = (listeners?.cpu() ?? 0) - others
  clearInterval(timer)
  const entries = used.calls.xadd ?? 0
  if (entries === 0) throw new Error('nothing was written')
  return {
    redis: (used.cpu / entries) * 1e6,
    writer: (user + system) / entries,
    listeners: (heard / entries) * 1e6,
    bytesIn: used.bytesIn / entries,
    bytesOut: used.bytesOut / entries,
    messages: ((published - before) * messages) / entries,
  }
}

/** Of one entry. CPU in microseconds, that of the listeners together. */
interface EntryUsage {
  readonly redis: number
  readonly writer: number
  readonly listeners: number
  readonly bytesIn: number
  readonly bytesOut: number
  readonly messages: number
}

async function during(redis: RedisWatch, run: () => Promise<unknown>): Promise<RedisUsage> {
  const before = await redis.now()
  await run()
  return since(before, await redis.now())
}

async function bytesPerEntry(redis: RedisWatch): Promise<number> {
  const [streams, heads] = ['*:{s*}:*', ':head'] as const
  return (await redis.sizeOf(streams, heads)) / (await redis.entriesOf(streams, heads))
}

/** What scripts call is left out. */
function sentByClients({ calls }: RedisUsage): number {
  return ['evalsha', 'eval', 'xread'].reduce((sum, name) => sum + (calls[name] ?? 0), 0)
}
