import { join } from 'node:path'
import { type ParleyProcess, startParley } from '../../support/parley-process.ts'
import type { PostgresServer } from '../../support/postgres-server.ts'
import { type Databases, startDatabases } from './growth/database.ts'
import { alternate, type Benchmark, type Comparison, type RunOptions } from './harness/benchmark.ts'
import type { Watched } from './harness/usage.ts'
import { driveHttp, type HttpTarget } from './load/http-drive.ts'
import { createUser, joinRoom, RATES } from './load/setup.ts'

const CONNECTIONS = 16
const LEAST_OF_LIMIT = 0.8
/** Pages a second among 10 million messages: what takes 1.2 times as long is done 0.83 times as often. */
const LEAST_OF_SMALL = 1 / 1.2

/** The one reader asks as much as a crowd. */
const READS = { RATE_USER_REQUESTS_PER_SECOND: '1000000', RATE_USER_REQUESTS_BURST: '1000000' }

const CONTRACTS = ['v1', 'v2'] as const
/** Of messages. 50 of v2's take 16 KiB where their numbers are long, from which on the runtime writes an answer in two pieces. */
const PAGE = 40
const LIMIT = join(import.meta.dir, 'limits/history-page.ts')

export const history: Benchmark = {
  name: 'history',
  title: `the latest 40 messages of a room of 1.2 million over REST against a bare server with one query; and 10 million messages against 10 thousand; ${CONNECTIONS} connections`,
  async run(options) {
    const databases = await startDatabases()
    for (const { sql } of [databases.small, databases.large]) await sql`vacuum (analyze)`
    const [small, large] = [await parleyPages(databases, 'small'), await parleyPages(databases, 'large')]
    const limit = await limitPages(databases)
    const comparisons: Comparison[] = []
    for (const contract of CONTRACTS) {
      const against = (name: string, least: number, sides: Comparison['sides'], pages: Pages) =>
        compare(`${contract}, ${name}`, options, least, sides, large(contract), pages(contract))
      comparisons.push(
        await against('of the bare server', LEAST_OF_LIMIT, ['Parley', 'limit'], limit),
        await against('by size', LEAST_OF_SMALL, ['10 M', '10 k'], small),
      )
    }
    return comparisons
  },
}

/** The whole server with everything on; only its rates do not stand in the way. The reader is a member of the room. */
async function parleyPages({ postgres, ...populated }: Databases, size: 'small' | 'large'): Promise<Pages> {
  const server = await startParley({ ...RATES, ...READS, DATABASE_URL: populated[size].url })
  const user = await createUser(server, 0)
  await joinRoom(server, '1', user)
  return (contract) => ({
    url: `${server.url}/api/${contract}/rooms/1/messages?limit=${PAGE}`,
    headers: { authorization: `Bearer ${user.token}` },
    processes: processes(server, postgres),
  })
}

async function limitPages({ postgres, large }: Databases): Promise<Pages> {
  const server = await startParley({ DATABASE_URL: large.url }, LIMIT)
  return (contract) => ({
    url: `${server.url}/${contract}/1?limit=${PAGE}`,
    headers: {},
    processes: processes(server, postgres),
  })
}

function processes(server: ParleyProcess, postgres: PostgresServer): Watched[] {
  return [
    { name: 'server', pid: server.pid, memory: true },
    { name: 'Postgres', pid: postgres.pid, memory: false },
  ]
}

async function compare(
  name: string,
  { rounds, seconds }: RunOptions,
  least: number,
  sides: Comparison['sides'],
  parley: HttpTarget,
  limit: HttpTarget,
): Promise<Comparison> {
  const turns = await alternate(
    rounds,
    () => driveHttp(parley, CONNECTIONS, seconds),
    () => driveHttp(limit, CONNECTIONS, seconds),
  )
  return { name, unit: 'pages/s', by: 'ratio', target: { least }, counted: 'pages', sides, ...turns }
}

type Pages = (contract: (typeof CONTRACTS)[number]) => HttpTarget
