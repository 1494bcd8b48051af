import { expect } from 'bun:test'
import { onFreePort } from '../../support/free-port.ts'
import { type ParleyProcess, startParley } from '../../support/parley-process.ts'
import type { ProxyServer } from '../../support/proxies/index.ts'
import { type RedisServer, startRedis } from '../../support/redis-server.ts'
import { createMigratedDatabase } from '../../support/shared-postgres.ts'
import { until } from '../../support/until.ts'
import { unlimited } from './cluster.ts'
import { startRequests } from './rolling-load.ts'

export interface Rolled {
  readonly requests: number
  /** The failed requests. */
  readonly failed: readonly string[]
  /** The logs of the nodes that were stopped. */
  readonly logs: readonly string[]
  /** Their exit codes. */
  readonly codes: readonly number[]
  /** The number of acknowledged messages, and of stored ones. */
  readonly sent: readonly string[]
  readonly stored: readonly string[]
  /** Messages that a follower of the room has in the end, over a socket through the proxy. */
  readonly followed: readonly string[]
}

/** How many requests must be answered between one step and the next. */
const BETWEEN = 200

/**
 * Two nodes behind a proxy are restarted one after the other, while clients read and write through it without a pause.
 * @param env settings of the nodes
 */
export async function rollingRestart(
  startProxy: (ports: readonly number[]) => Promise<ProxyServer>,
  env: Readonly<Record<string, string>>,
): Promise<Rolled> {
  const redis: RedisServer = await startRedis()
  const databaseUrl = await createMigratedDatabase()
  const settings = { ...unlimited, DATABASE_URL: databaseUrl, REDIS_URL: redis.url, ...env }
  const start = (port: number) => startParley({ ...settings, PORT: String(port) })
  const nodes: ParleyProcess[] = await Promise.all([onFreePort(start), onFreePort(start)])
  const proxy = await startProxy(nodes.map(({ port }) => port))
  const logs: string[] = []
  const codes: number[] = []
  try {
    await until(async () => (await proxy.used()) === 2, 'both nodes to be used', 30_000)
    const load = await startRequests(proxy.url)
    await load.more(BETWEEN)
    for (const [index, node] of nodes.entries()) {
      codes.push(await node.stop())
      logs.push(node.output())
      await node.remove()
      await load.more(BETWEEN)
      nodes[index] = await start(node.port)
      await until(async () => (await proxy.used()) === 2, 'the node to be used again', 30_000)
      await load.more(BETWEEN)
    }
    await load.stop()
    const { requests, failed, sent } = load
    const stored = await load.stored()
    const followed = await load.followed(stored.length)
    return { requests: requests(), failed, logs, codes, sent, stored, followed }
  } finally {
    await proxy.remove()
    await Promise.all(nodes.map((node) => node.remove()))
    await redis.remove()
  }
}

/**
 * nginx does not check whether a node is ready, so it opens connections until the port closes. A connection that the node has just
 * accepted,
 * but whose request has not arrived, is lost then, and nginx does not retry a POST. Nothing else may fail, and this only rarely.
 */
export function expectOnlyLostConnections({ requests, failed }: Pick<Rolled, 'requests' | 'failed'>): void {
  expect(failed.filter((failure) => !/^POST .*: 502 /.test(failure))).toEqual([])
  expect(failed.length).toBeLessThanOrEqual(Math.ceil(requests / 500))
}

/** Both nodes have exited with 0, and each acknowledged message is stored once and was delivered once. */
export function expectNothingLost({ codes, sent, stored, followed }: Rolled): void {
  expect(codes).toEqual([0, 0])
  expect(stored.toSorted()).toEqual(sent.toSorted())
  expect(followed.toSorted()).toEqual(sent.toSorted())
}
