import { startPostgres } from '../../support/postgres-server.ts'
import { alternate, type Benchmark, type Comparison, type RunOptions } from './harness/benchmark.ts'
import { deliveriesOf, openRoomsLoad, type RoomsTarget, warmUp } from './load/rooms-load.ts'
import { bareRooms, parleyRooms, WARM_UP_SHAPE } from './load/rooms-targets.ts'

const SIZES = [1000, 5000]
const AT_ONCE = [1, 16]
const TARGET = { least: 0.95 }

/**
 * One client of the room sends so many messages in one write, and again when it has all of them back. Both servers read
 * them in one tick, and have nothing else to do: Parley writes them to the database as one batch. So with both, each client's
 * socket is written to once for all of them. What the limit spares itself is the time until that batch is durable, during
 * which nobody is sent anything.
 */
export const largeRooms: Benchmark = {
  name: 'large-rooms',
  title: 'v2 on Postgres against a bare Bun server that only publishes, everyone in one room',
  async run(options) {
    const shapes = [WARM_UP_SHAPE, ...SIZES.map((clients) => ({ rooms: 1, clients }))]
    const { targets } = await parleyRooms(shapes, await startPostgres())
    const [small, ...rooms] = targets
    const [bareSmall, ...bare] = await bareRooms(shapes)
    for (const target of [small, bareSmall]) if (target !== undefined) await warmUp(target)
    const comparisons: Comparison[] = []
    for (const [index, clients] of SIZES.entries()) {
      const [target, limit] = [rooms[index], bare[index]]
      if (target === undefined || limit === undefined) throw new Error('a room is missing')
      comparisons.push(...(await compare(clients, target, limit, options)))
    }
    return comparisons
  },
}

async function compare(
  clients: number,
  target: RoomsTarget,
  limit: RoomsTarget,
  { rounds, seconds }: RunOptions,
): Promise<Comparison[]> {
  const [load, bare] = [await openRoomsLoad(target), await openRoomsLoad(limit)]
  const comparisons: Comparison[] = []
  for (const atOnce of AT_ONCE) {
    const traffic = { mode: 'bursts', atOnce } as const
    const turns = await alternate(
      rounds,
      async () => deliveriesOf(await load.turn(traffic, seconds)),
      async () => deliveriesOf(await bare.turn(traffic, seconds)),
    )
    comparisons.push({
      name: `${clients} clients, ${atOnce} at once`,
      unit: 'deliveries/s',
      by: 'ratio',
      target: TARGET,
      counted: 'deliveries',
      sides: ['Parley', 'limit'],
      ...turns,
    })
  }
  await load.close()
  await bare.close()
  return comparisons
}
