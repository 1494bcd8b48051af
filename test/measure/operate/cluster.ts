// `bun run cluster [--nodes 2] [--port 8000]`: several nodes over one Postgres and one Redis behind a small balancer, all on
// this machine and in temporary folders, until Ctrl-C. An operator's way to see it, and to try what happens when one dies.
import { parseArgs } from 'node:util'
import { type ParleyProcess, startParley } from '../../support/parley-process.ts'
import { startPostgres } from '../../support/postgres-server.ts'
import { startRedis } from '../../support/redis-server.ts'
import { startBalancer } from './balancer.ts'

const { values } = parseArgs({
  options: {
    nodes: { type: 'string', default: '2' },
    port: { type: 'string', default: '8000' },
  },
})

const [postgres, redis] = await Promise.all([startPostgres(), startRedis()])
const env = {
  DATABASE_URL: await postgres.createDatabase(),
  REDIS_URL: redis.url,
  // The balancer is one address for everybody.
  MAX_CONNECTIONS_PER_ADDRESS: '100000',
  RATE_REQUESTS_PER_MINUTE: '1000000',
  RATE_REGISTRATIONS_PER_MINUTE: '100000',
}
const nodes: ParleyProcess[] = []
// One after the other: the first brings the schema up to date.
for (let i = 0; i < Math.max(1, Number(values.nodes) || 0); i++) nodes.push(await startParley(env))
const balancer = await startBalancer(
  Number(values.port) || 0,
  nodes.map((node) => node.port),
)

const lines = [
  `balancer   http://127.0.0.1:${balancer.port}   docs at /docs`,
  `sockets    ws://127.0.0.1:${balancer.port}/api/v2/socket`,
  ...nodes.map(({ url, pid }, i) => `node ${i + 1}     ${url}   (kill ${pid} to see it go)`),
  `postgres   ${env.DATABASE_URL}   (pid ${postgres.pid})`,
  `redis      ${redis.url}   (pid ${redis.pid})`,
  'Ctrl-C stops all of it; nothing is kept.',
]
process.stdout.write(`${lines.join('\n')}\n`)

let stopping = false
async function stop(): Promise<void> {
  if (stopping) return
  stopping = true
  balancer.close()
  await Promise.all(nodes.map((node) => node.stop().catch(() => node.kill())))
  await Promise.all([postgres.stop(), redis.stop()])
  await Promise.all([...nodes, postgres, redis].map((each) => each.remove()))
  process.exit(0)
}
process.on('SIGINT', () => void stop())
process.on('SIGTERM', () => void stop())
