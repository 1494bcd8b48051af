import { Redis } from 'ioredis'
import type { Random } from '../../e2e/random.ts'
import type { Cluster } from '../support/cluster.ts'

/** Something that goes wrong for a while; resolves once it is over. */
export interface Fault {
  readonly name: string
  run(cluster: Cluster, random: Random): Promise<void>
}

/** The first node stays alive throughout, so that its memory can be followed; it may be frozen. */
const STEADY = 0
const OTHER = 1

/** What may happen, each as often as it stands here. */
export const faults: readonly Fault[] = [
  {
    name: 'redis killed',
    async run({ redis }, random) {
      await redis.kill()
      await Bun.sleep(random.below(4000))
      await redis.start()
    },
  },
  {
    name: 'redis frozen',
    async run({ redis }, random) {
      await redis.pause()
      await Bun.sleep(500 + random.below(6000))
      await redis.resume()
    },
  },
  { name: 'redis flushed', run: ({ redis }) => ask(redis.url, (client) => client.flushall()) },
  { name: 'streams trimmed', run: ({ redis }) => ask(redis.url, trimAll) },
  {
    name: 'redis connections cut',
    run: ({ redis }) =>
      ask(redis.url, (client) => client.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')),
  },
  {
    name: 'postgres killed',
    async run({ postgres }, random) {
      await postgres.kill()
      await Bun.sleep(random.below(3000))
      await postgres.start()
    },
  },
  {
    name: 'postgres frozen',
    async run({ postgres }, random) {
      await postgres.pause()
      await Bun.sleep(500 + random.below(4000))
      await postgres.resume()
    },
  },
  {
    name: 'postgres connections cut',
    async run({ sql }) {
      await sql`select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and datname = current_database()`
    },
  },
  {
    name: 'messages locked',
    async run({ sql }, random) {
      const seconds = (500 + random.below(3000)) / 1000
      await sql.begin(async (lock) => {
        await lock`lock table messages in access exclusive mode`
        await lock`select pg_sleep(${seconds})`
      })
    },
  },
  { name: 'a node killed', run: (cluster, random) => replace(cluster, random, (node) => node.kill()) },
  { name: 'a node killed', run: (cluster, random) => replace(cluster, random, (node) => node.kill()) },
  {
    name: 'a node stopped',
    run: (cluster, random) => replace(cluster, random, async (node) => void (await node.stop())),
  },
  {
    name: 'a node frozen',
    async run({ nodes }, random) {
      const node = nodes[random.below(2) === 0 ? STEADY : OTHER]
      await node?.pause()
      await Bun.sleep(500 + random.below(5000))
      await node?.resume()
    },
  },
]

type Node = Cluster['nodes'][number]

/** A node goes, and after a while another one comes in its place. */
async function replace(cluster: Cluster, random: Random, end: (node: Node) => Promise<void>): Promise<void> {
  const [going] = cluster.nodes.splice(OTHER, 1)
  if (going !== undefined) await end(going)
  await Bun.sleep(random.below(2000))
  cluster.nodes.push(await cluster.launch())
}

async function trimAll(client: Redis): Promise<void> {
  for (const key of await client.keys('*')) {
    if ((await client.type(key)) === 'stream') await client.xtrim(key, 'MAXLEN', 0)
  }
}

async function ask(url: string, run: (client: Redis) => Promise<unknown>): Promise<void> {
  const client = new Redis(url, { retryStrategy: () => null, commandTimeout: 5000 })
  client.on('error', () => undefined)
  try {
    await run(client)
  } finally {
    client.disconnect()
  }
}
