import type { ConnectionCounts, ConnectionScope, Crowded } from '../../../core/index.ts'
import { hashPages, type RedisClient, Script } from '../connection/index.ts'
import type { Tell } from '../presence/tell.ts'

export type ConnectionLimits = Readonly<Record<ConnectionScope, number>>

export interface SharedConnections {
  readonly port: ConnectionCounts
  /** Tells Redis all counts of this node that it should know. */
  tellAll(node: string): Promise<void>
  /** Removes the counts of a node that has no connections any more. */
  undo(node: string): Promise<void>
  close(): void
}

/** The number of hashes per scope over which keys are spread; the hashes lie in different slots of a Redis Cluster. */
const SLOTS = 4
/** Keys per script call; Redis runs nothing else meanwhile. */
const PIECE = 200
/** Milliseconds for which changes are batched before they are told. */
const GATHER_MS = 50
/** The share of a limit up to which a node tells nothing: nearly every user and address has fewer connections, and costs Redis nothing. */
const UNTOLD_SHARE = 0.01

/** Sets a node's counts of some keys, and removes those under its former names. Returns the counts of the other nodes. */
const TELL = new Script(`
local function part(name) return string.match(name, '^[^.]*') end
local own, others = part(ARGV[1]), {}
for i = 2, #ARGV, 2 do
  local kept, sum = {}, 0
  for node, count in string.gmatch(redis.call('HGET', KEYS[1], ARGV[i]) or '', '([^,=]+)=(%d+)') do
    if part(node) ~= own then
      kept[#kept + 1] = node .. '=' .. count
      sum = sum + count
    end
  end
  if ARGV[i + 1] ~= '0' then kept[#kept + 1] = ARGV[1] .. '=' .. ARGV[i + 1] end
  if #kept == 0 then redis.call('HDEL', KEYS[1], ARGV[i])
  else redis.call('HSET', KEYS[1], ARGV[i], table.concat(kept, ',')) end
  others[#others + 1] = sum
end
return others`)

/** Removes what was told under one name. */
const UNDO = new Script(`
for i = 2, #ARGV do
  local kept = {}
  for node, count in string.gmatch(redis.call('HGET', KEYS[1], ARGV[i]) or '', '([^,=]+)=(%d+)') do
    if node ~= ARGV[1] then kept[#kept + 1] = node .. '=' .. count end
  end
  if #kept == 0 then redis.call('HDEL', KEYS[1], ARGV[i])
  else redis.call('HSET', KEYS[1], ARGV[i], table.concat(kept, ',')) end
end`)

/** Counts connections over all nodes; nodes tell each other only of keys with many. If Redis is away, each node counts by itself. */
export function createConnectionCounts(
  client: RedisClient,
  space: string,
  tell: Tell,
  limits: ConnectionLimits,
  crowded: Crowded,
): SharedConnections {
  const scopes = { address: new Scope('address', limits.address), user: new Scope('user', limits.user) }
  const all = Object.values(scopes)
  const hashOf = (scope: Scope, slot: number) => `${space}:{c${slot}}:${scope.name}`
  let timer: ReturnType<typeof setTimeout> | null = null
  let settling = false
  let closed = false

  function changed(scope: Scope, key: string): void {
    scope.changed.add(key)
    settleSoon()
  }

  function settleSoon(): void {
    if (timer === null && !settling && !closed) timer = setTimeout(() => void settle(), GATHER_MS)
  }

  /** Never rejects. */
  async function settle(): Promise<void> {
    timer = null
    settling = true
    await Promise.all(all.map(settleScope))
    settling = false
    if (all.some((scope) => scope.changed.size > 0)) settleSoon()
  }

  async function settleScope(scope: Scope): Promise<void> {
    const keys = scope.takeChanged()
    if (keys.length === 0) return
    const told = await tell((node) => tellKeys(scope, keys, node))
    // The others' connections may have closed by now.
    if (told === null) scope.others.clear()
  }

  async function tellKeys(scope: Scope, keys: readonly string[], node: string): Promise<number> {
    const pieces = bySlot(keys).map(async ([slot, piece]) => {
      const counts = piece.flatMap((key) => [key, scope.own.get(key) ?? 0])
      const others = await TELL.run(client, [hashOf(scope, slot)], [node, ...counts])
      if (!Array.isArray(others)) throw new Error('unexpected response from Redis: no list of counts')
      for (const [index, key] of piece.entries()) {
        const surplus = scope.learn(key, Number(others[index]))
        if (surplus > 0) crowded(scope.name, key, surplus)
      }
    })
    await Promise.all(pieces)
    return keys.length
  }

  return {
    port: {
      tell(name, key, count) {
        const scope = scopes[name]
        if (scope.set(key, count)) changed(scope, key)
      },
      elsewhere(name, key) {
        const scope = scopes[name]
        if (!scope.own.has(key)) return 0
        // The count may have changed since.
        changed(scope, key)
        return scope.others.get(key) ?? 0
      },
    },

    async tellAll(node) {
      for (const scope of all) await tellKeys(scope, [...scope.own.keys()], node)
    },

    async undo(node) {
      for (const scope of all) {
        for (let slot = 0; slot < SLOTS; slot++) await undoIn(hashOf(scope, slot), node)
      }
    },

    close() {
      closed = true
      if (timer !== null) clearTimeout(timer)
    },
  }

  async function undoIn(hash: string, node: string): Promise<void> {
    for await (const page of hashPages(client, hash)) {
      const held = page.flatMap(([field, counts]) => (counts.includes(`${node}=`) ? [field] : []))
      for (let from = 0; from < held.length; from += PIECE)
        await UNDO.run(client, [hash], [node, ...held.slice(from, from + PIECE)])
    }
  }
}

/** The counts of all addresses, or of all users: what this node has to tell, and what it knows of the other nodes. */
class Scope {
  readonly name: ConnectionScope
  readonly #limit: number
  /** The number of connections up to which nothing is told. */
  readonly #untold: number
  /** This node's counts that are told, or were until now. */
  readonly own = new Map<string, number>()
  /** The counts of the other nodes; only of keys that are in `own`. */
  readonly others = new Map<string, number>()
  readonly changed = new Set<string>()

  constructor(name: ConnectionScope, limit: number) {
    this.name = name
    this.#limit = limit
    this.#untold = Math.floor(limit * UNTOLD_SHARE)
  }

  /** @returns whether there is something to tell */
  set(key: string, count: number): boolean {
    const told = this.own.get(key)
    const toTell = count > this.#untold ? count : 0
    if (toTell === (told ?? 0)) return false
    this.own.set(key, toTell)
    return true
  }

  takeChanged(): string[] {
    const keys = [...this.changed]
    this.changed.clear()
    return keys
  }

  /** Takes the others' count. @returns how many of this node's connections are too many */
  learn(key: string, others: number): number {
    const own = this.own.get(key) ?? 0
    if (own === 0) this.own.delete(key)
    if (own === 0 || others === 0) this.others.delete(key)
    else this.others.set(key, others)
    return Math.min(own, own + others - this.#limit)
  }
}

/** Must stay the same in every version, since nodes of several versions share the hashes. */
function slotOf(key: string): number {
  return Bun.hash.crc32(key) % SLOTS
}

function bySlot(keys: readonly string[]): [slot: number, keys: readonly string[]][] {
  return [...Map.groupBy(keys, slotOf)].flatMap(([slot, some]) => {
    const pieces: [number, string[]][] = []
    for (let from = 0; from < some.length; from += PIECE) pieces.push([slot, some.slice(from, from + PIECE)])
    return pieces
  })
}
