import { hashPages, type RedisClient, Script } from '../connection/index.ts'

/**
 * Lets a node hold fields of a hash ('take'), release them under any of its names ('release'), or removes what one name holds
 * ('undo'). A name is the node and, after a dot, the number of the name. Returns for each field how many others hold it.
 */
const HOLD = new Script(`
local function part(name)
  if ARGV[2] == 'undo' then return name end
  return string.match(name, '^[^.]*')
end
local own = part(ARGV[1])
local others = {}
for i = 3, #ARGV do
  local nodes = {}
  for node in string.gmatch(redis.call('HGET', KEYS[1], ARGV[i]) or '', '[^,]+') do
    if part(node) ~= own then nodes[#nodes + 1] = node end
  end
  others[#others + 1] = #nodes
  if ARGV[2] == 'take' then nodes[#nodes + 1] = ARGV[1] end
  if #nodes == 0 then redis.call('HDEL', KEYS[1], ARGV[i])
  else redis.call('HSET', KEYS[1], ARGV[i], table.concat(nodes, ',')) end
end
return others`)

/** Fields per script call; Redis runs nothing else meanwhile. */
const PIECE = 200

/** Keeps which nodes hold which fields of hashes; the fields are, for instance, users connected to the node. */
export class Holders {
  readonly #client: RedisClient

  constructor(client: RedisClient) {
    this.#client = client
  }

  /** Takes fields. @returns those that no other node holds */
  take<T extends number>(key: string, fields: readonly T[], node: string): Promise<T[]> {
    return this.#hold('take', key, fields, node)
  }

  /** Releases fields, under whichever name this node took them. @returns those that no node holds any more */
  release<T extends number>(key: string, fields: readonly T[], node: string): Promise<T[]> {
    return this.#hold('release', key, fields, node)
  }

  /** Releases fields under one name only: the node may live on under another. @returns those that no node holds any more */
  undo<T extends number>(key: string, fields: readonly T[], node: string): Promise<T[]> {
    return this.#hold('undo', key, fields, node)
  }

  /** Lists what a node holds, a page at a time. */
  async *heldBy(key: string, node: string): AsyncGenerator<number[]> {
    for await (const page of hashPages(this.#client, key)) {
      const held = page.flatMap(([field, nodes]) => (nodes.split(',').includes(node) ? [Number(field)] : []))
      if (held.length > 0) yield held
    }
  }

  async #hold<T extends number>(
    how: 'take' | 'release' | 'undo',
    key: string,
    fields: readonly T[],
    node: string,
  ): Promise<T[]> {
    const alone: T[] = []
    for (let from = 0; from < fields.length; from += PIECE) {
      const piece = fields.slice(from, from + PIECE)
      const others = await HOLD.run(this.#client, [key], [node, how, ...piece])
      if (!Array.isArray(others)) throw new Error('unexpected response from Redis: no list of holders')
      alone.push(...piece.filter((_, index) => Number(others[index]) === 0))
    }
    return alone
  }
}
