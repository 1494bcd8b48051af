import type { RedisClient } from './clients.ts'
import { Script } from './scripts.ts'

/** A node takes hold of a field, or (with '0') lets go of it. Answers how many others hold it. */
const HOLD = new Script(`
local out = {}
for node in string.gmatch(redis.call('HGET', KEYS[1], ARGV[1]) or '', '[^,]+') do
  if node ~= ARGV[2] then out[#out + 1] = node end
end
local others = #out
if ARGV[3] == '1' then out[#out + 1] = ARGV[2] end
if #out == 0 then redis.call('HDEL', KEYS[1], ARGV[1])
else redis.call('HSET', KEYS[1], ARGV[1], table.concat(out, ',')) end
return others`)

/** Which nodes hold which fields of hashes, such as users who are connected there. */
export class Holders {
  readonly #client: RedisClient
  readonly #lease: { readonly name: string }

  constructor(client: RedisClient, lease: { readonly name: string }) {
    this.#client = client
    this.#lease = lease
  }

  /** @returns whether another node holds it */
  async take(key: string, field: number): Promise<boolean> {
    return this.#hold(key, field, this.#lease.name, '1')
  }

  /** @param node that lets go; this one, or one that has died. @returns whether another node holds it */
  async release(key: string, field: number, node = this.#lease.name): Promise<boolean> {
    return this.#hold(key, field, node, '0')
  }

  async #hold(key: string, field: number, node: string, taken: '0' | '1'): Promise<boolean> {
    return Number(await HOLD.run(this.#client, [key], [field, node, taken])) > 0
  }

  /** Who of a hash's fields a node holds, a piece at a time. */
  async *heldBy(key: string, node: string): AsyncGenerator<number> {
    let cursor = '0'
    do {
      const [next, pairs] = await this.#client.hscan(key, cursor, 'COUNT', 500)
      for (let i = 0; i < pairs.length; i += 2) {
        if (pairs[i + 1]?.split(',').includes(node)) yield Number(pairs[i])
      }
      cursor = next
    } while (cursor !== '0')
  }
}
