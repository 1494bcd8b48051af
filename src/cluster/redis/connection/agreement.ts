import { SetupError } from '../../../core/index.ts'
import type { RedisClient } from './clients.ts'
import { keyspace } from './keys.ts'
import { NODE_CLOCK, NODE_TIME } from './node-clock.ts'
import { Script } from './scripts.ts'

/** Nodes with different numbers of streams would not hear each other. */
export class ShardsDiffer extends SetupError {
  override readonly name = 'ShardsDiffer'

  constructor(own: number, others: number) {
    super(
      `REDIS_SHARDS is ${own} here, but ${others} on the nodes that are running: stop them all before you change it`,
    )
  }
}

/** Sets the number if no other node lives, by their leases; returns the number that is set. */
const AGREE = new Script(`${NODE_TIME}
local now = reached(KEYS[3])
local set = redis.call('GET', KEYS[2])
if set and redis.call('ZCOUNT', KEYS[1], now, '+inf') > 0 then return set end
redis.call('SET', KEYS[2], ARGV[1])
return ARGV[1]`)

/**
 * Checks that this node has the same number of streams as the others. Call it before the node takes its lease.
 * @throws ShardsDiffer if nodes with another number are running; the client's error if Redis is away
 */
export async function agreeOnShards(client: RedisClient, prefix: string, shards: number): Promise<void> {
  const keys = ['lives', 'shards', NODE_CLOCK].map((name) => `${keyspace(prefix)}:{nodes}:${name}`)
  const agreed = Number(await AGREE.run(client, keys, [shards]))
  if (agreed !== shards) throw new ShardsDiffer(shards, agreed)
}
