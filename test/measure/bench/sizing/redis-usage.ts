import { Redis } from 'ioredis'

/** What Redis has done so far, by its own account. */
export interface RedisUsage {
  /** Seconds of CPU. */
  readonly cpu: number
  readonly bytesIn: number
  readonly bytesOut: number
  /** How often each command was called, those within scripts included. */
  readonly calls: Readonly<Record<string, number>>
}

export interface RedisWatch {
  now(): Promise<RedisUsage>
  /** Bytes of memory that keys of a pattern take together. @param except how the names of those end that do not count */
  sizeOf(pattern: string, except?: string): Promise<number>
  /** Entries of such streams. */
  entriesOf(pattern: string, except?: string): Promise<number>
  flush(): Promise<void>
  close(): void
}

export function watchRedis(url: string): RedisWatch {
  const client = new Redis(url)

  async function sumOf(pattern: string, except: string | undefined, of: (key: string) => Promise<unknown>) {
    let sum = 0
    for (const key of await client.keys(pattern)) {
      if (except === undefined || !key.endsWith(except)) sum += Number(await of(key))
    }
    return sum
  }

  return {
    async now() {
      const info = await client.info('all')
      const value = (name: string) => Number(new RegExp(`^${name}:(\\S+)\\r$`, 'm').exec(info)?.[1])
      const calls = [...info.matchAll(/^cmdstat_(\S+):calls=(\d+)/gm)]
      return {
        cpu: value('used_cpu_sys') + value('used_cpu_user'),
        bytesIn: value('total_net_input_bytes'),
        bytesOut: value('total_net_output_bytes'),
        calls: Object.fromEntries(calls.map(([, name = '', count]) => [name, Number(count)])),
      }
    },
    sizeOf: (pattern, except) => sumOf(pattern, except, (key) => client.memory('USAGE', key, 'SAMPLES', 0)),
    entriesOf: (pattern, except) => sumOf(pattern, except, (key) => client.xlen(key)),
    flush: async () => void (await client.flushall()),
    close: () => client.disconnect(),
  }
}

/** What was done in between. */
export function since(before: RedisUsage, after: RedisUsage): RedisUsage {
  const calls = Object.entries(after.calls).map(([name, count]) => [name, count - (before.calls[name] ?? 0)])
  return {
    cpu: after.cpu - before.cpu,
    bytesIn: after.bytesIn - before.bytesIn,
    bytesOut: after.bytesOut - before.bytesOut,
    calls: Object.fromEntries(calls),
  }
}
