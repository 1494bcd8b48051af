import { expect } from 'bun:test'
import { expectAnswer } from '../../api/support/rest.ts'
import { v1Client } from '../../api/support/v1-client.ts'
import { MessagesShape } from '../../api/support/v1-shapes.ts'
import { onFreePort } from '../../support/free-port.ts'
import { type ParleyProcess, startParley } from '../../support/parley-process.ts'
import type { ProxyServer } from '../../support/proxy-servers.ts'
import { type RedisServer, startRedis } from '../../support/redis-server.ts'
import { createMigratedDatabase } from '../../support/shared-postgres.ts'
import { until } from '../../support/until.ts'
import { unlimited } from './cluster.ts'

export interface Rolled {
  readonly requests: number
  /** What went wrong, a request each. */
  readonly failed: readonly string[]
  /** What the nodes have logged that were told to stop. */
  readonly logs: readonly string[]
  /** Their exit codes. */
  readonly codes: readonly number[]
  /** Messages that were acknowledged, and those that are stored. */
  readonly sent: readonly string[]
  readonly stored: readonly string[]
}

const CLIENTS = 8
/** Requests that must have been answered between one step and the next. */
const BETWEEN = 200

/**
 * Two nodes behind a proxy are restarted one after the other, while clients read and write through it without a pause.
 * @param env of the nodes
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
    return { requests: requests(), failed, logs, codes, sent, stored: await load.stored() }
  } finally {
    await proxy.remove()
    await Promise.all(nodes.map((node) => node.remove()))
    await redis.remove()
  }
}

/** Clients that write and read one after the other, over connections that are kept, as pages and apps do. */
async function startRequests(url: string) {
  const v1 = v1Client({ url, wsUrl: url.replace('http', 'ws') })
  const [room, user] = [await v1.room(), await v1.user()]
  const { token } = user
  const failed: string[] = []
  const sent: string[] = []
  let requests = 0
  let stopped = false

  async function request(method: string, path: string, options: { json?: unknown } = {}): Promise<boolean> {
    const answer = await v1.call(method, path, { ...options, token }).catch((error: unknown) => String(error))
    requests++
    if (typeof answer !== 'string' && answer.status < 400) return true
    failed.push(
      typeof answer === 'string'
        ? `${method} ${path}: ${answer}`
        : `${method} ${path}: ${answer.status} ${answer.text}`,
    )
    return false
  }

  async function client(name: number): Promise<void> {
    for (let n = 0; !stopped; n++) {
      const content = `${name}.${n}`
      const json = { content, user_id: user.id, type: 'text' }
      if (await request('POST', `/rooms/${room.id}/messages`, { json })) sent.push(content)
      await request('GET', `/rooms/${room.id}/messages?limit=5`)
    }
  }

  const clients = Array.from({ length: CLIENTS }, (_, name) => client(name))
  return {
    failed,
    sent,
    requests: () => requests,
    async more(count: number): Promise<void> {
      const goal = requests + count
      await until(() => requests >= goal, `${count} more requests`, 60_000)
    },
    async stop(): Promise<void> {
      stopped = true
      await Promise.all(clients)
    },
    /** Every message that is stored, page by page. */
    async stored(): Promise<string[]> {
      const all: string[] = []
      for (let before = ''; ; ) {
        const answer = await v1.call('GET', `/rooms/${room.id}/messages?limit=200${before}`, { token })
        const page = expectAnswer(answer, 200, MessagesShape)
        all.push(...page.map(({ content }) => content))
        const oldest = Math.min(...page.map(({ id }) => Number(id)))
        if (page.length < 200) return all
        before = `&before=${oldest}`
      }
    },
  }
}

/**
 * nginx asks nobody whether a node is ready, so it opens connections until the port closes. One that the node has just accepted,
 * and whose request has not come, is lost then, and nginx repeats no POST. Nothing else may fail, and that hardly ever.
 */
export function expectOnlyLostConnections({ requests, failed }: Pick<Rolled, 'requests' | 'failed'>): void {
  expect(failed.filter((failure) => !/^POST .*: 502 /.test(failure))).toEqual([])
  expect(failed.length).toBeLessThanOrEqual(Math.ceil(requests / 500))
}
