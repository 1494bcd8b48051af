/* The servers under load. */

import type { ServerUrls } from '../../api/across/support/people.ts'
import { type Sample, slopeOf } from '../../faults/chaos/memory-slope.ts'
import { type ParleyProcess, startParley } from '../../support/parley-process.ts'
import { startPostgres } from '../../support/postgres-server.ts'
import { startRedis } from '../../support/redis-server.ts'
import { residentBytes } from '../bench/harness/processes.ts'
import type { Watched } from '../bench/harness/usage.ts'

export interface Servers {
  /** The nodes; clients are spread over them. Never empty. */
  readonly urls: readonly [ServerUrls, ...ServerUrls[]]
  /** The processes whose use of the machine can be measured. */
  readonly processes: readonly Watched[]
  /** Lines that the nodes have logged as errors since this was last asked. */
  newErrors(): string[]
  close(): Promise<void>
}

/** Starts nodes with their own Postgres and Redis, all in temporary folders. */
export async function startServers(
  nodes: number,
  limits: Readonly<Record<string, string>>,
): Promise<Servers> {
  const [postgres, redis] = await Promise.all([startPostgres(), startRedis()])
  const env = { ...limits, DATABASE_URL: await postgres.createDatabase(), REDIS_URL: redis.url }
  // One after the other: the first brings the schema up to date.
  const first = await startParley(env)
  const others: ParleyProcess[] = []
  while (others.length + 1 < nodes) others.push(await startParley(env))
  const all = [first, ...others]
  const known = new Map<ParleyProcess, number>()
  return {
    urls: [first, ...others],
    processes: [
      ...all.map(({ pid }, i) => ({ name: `node ${i + 1}`, pid, memory: true })),
      { name: 'Postgres', pid: postgres.pid, memory: false },
      { name: 'Redis', pid: redis.pid, memory: true },
    ],
    newErrors: () =>
      all.flatMap((node) => {
        const errors = node.output().split('\n').filter(isError)
        const found = errors.slice(known.get(node) ?? 0)
        known.set(node, errors.length)
        return found
      }),
    async close() {
      await Promise.all(all.map((node) => node.stop()))
      await Promise.all([...all, postgres, redis].map((each) => each.remove()))
    },
  }
}

/** In the server's log: `error` and above. */
function isError(line: string): boolean {
  return /^\{"level":[56]0,/.test(line)
}

/** A server that runs already and keeps running. */
export function givenServer(url: string): Servers {
  const at = { url, wsUrl: url.replace(/^http/, 'ws') }
  return { urls: [at], processes: [], newErrors: () => [], close: async () => undefined }
}

/**
 * Follows the memory of the nodes.
 * @returns a function that ends it and returns lines about the memory; none if the time was too short to tell
 */
export function watchMemory(processes: readonly Watched[]): () => string[] {
  const begin = performance.now()
  const nodes = processes.filter(({ name }) => name.startsWith('node'))
  const samples = nodes.map((): Sample[] => [])
  const timer = setInterval(() => {
    const at = performance.now() - begin
    for (const [i, { pid }] of nodes.entries()) samples[i]?.push({ at, bytes: residentBytes(pid) })
  }, SAMPLE_MS)
  return () => {
    clearInterval(timer)
    if (performance.now() - begin < LEAST_MS) return []
    return nodes.map(({ name }, i) => {
      const all = samples[i] ?? []
      // The first third is warm-up.
      const { bytesPerMinute, noise, withinNoise } = slopeOf(all, (all.at(-1)?.at ?? 0) / 3)
      const verdict = withinNoise ? 'no growth that could be told from chance' : 'IT GROWS'
      return `  ${name}: ${mib(bytesPerMinute)} MiB a minute, ± ${mib(noise)} MiB around it: ${verdict}`
    })
  }
}

const SAMPLE_MS = 1000
/** In a shorter time, the normal ups and downs of a heap hide any trend. */
const LEAST_MS = 120_000

function mib(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1)
}
