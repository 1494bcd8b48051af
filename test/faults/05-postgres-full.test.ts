// Postgres takes no writes, since it is read-only or its disk is full: senders are told so, the node says that it is not ready, and
// who is there goes on reading and hearing what is of the moment. A full disk is told as Postgres tells it, by a trigger.
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { ErrorFrame } from '../../src/api/v2/wire/index.ts'
import { exactly } from '../api/v2/support/exact-shape.ts'
import { until } from '../support/until.ts'
import { type Cluster, startCluster } from './support/cluster.ts'
import { type Load, startLoad } from './support/load.ts'
import { hearsTyping, ping } from './support/moment.ts'
import { SteadyClient } from './support/steady-client.ts'

const FAULTS: readonly {
  name: string
  begin(cluster: Cluster): Promise<unknown>
  end(cluster: Cluster): Promise<unknown>
}[] = [
  {
    name: 'read-only',
    async begin({ sql }) {
      await sql`alter system set default_transaction_read_only = on`
      await sql`select pg_reload_conf()`
    },
    async end({ sql }) {
      await sql`alter system reset default_transaction_read_only`
      await sql`select pg_reload_conf()`
    },
  },
  {
    name: 'full',
    begin: ({ sql }) =>
      sql`
        create function disk_is_full() returns trigger language plpgsql as $$ begin
          raise 'could not extend file: No space left on device' using errcode = 'disk_full';
        end $$;
        create trigger disk_is_full before insert on messages execute function disk_is_full()`.simple(),
    end: ({ sql }) => sql`drop function disk_is_full() cascade`.simple(),
  },
]

let cluster: Cluster

beforeAll(async () => {
  cluster = await startCluster({ ownPostgres: {}, env: { SEND_DEADLINE_MS: '500' } })
})
afterAll(() => cluster.remove())

test.each(FAULTS.map((fault) => [fault.name, fault] as const))(
  'a database that is %s',
  async (name, fault) => {
    const load = await startLoad(cluster, { rooms: 3, clients: 16, perSecond: 100, window: 4 })
    let holds = false
    const release = async () => {
      if (holds) await fault.end(cluster)
      holds = false
    }
    try {
      await load.flows(50)
      await fault.begin(cluster)
      holds = true
      await until(() => load.clients.every((client) => client.waiting > 0), 'everyone to wait')
      const acked = load.acked().length
      await until(() => load.clients.every(wasRefused), 'everyone to be refused')
      for (const { refusals } of load.sendings()) {
        for (const refusal of refusals) {
          expect(exactly(ErrorFrame).parse(refusal)).toMatchObject({ code: 'unavailable', retryable: true })
          expect(refusal.retry_after_ms).toBeGreaterThan(0)
        }
      }
      expect(load.acked().length).toBe(acked)

      for (const node of cluster.nodes) {
        const ready = await fetch(`${node.url}/readyz`)
        expect([ready.status, ready.headers.get('retry-after')]).toEqual([503, '1'])
        expect((await fetch(`${node.url}/healthz`)).status).toBe(200)
      }
      const heard = await hearsTyping(load)
      const pings = await Promise.all(load.clients.map(ping))
      await comesLate(cluster, load)

      await release()
      for (const node of cluster.nodes)
        await until(async () => (await fetch(`${node.url}/readyz`)).status === 200, 'the node to be ready')
      const converged = await load.converge()
      console.log(
        `${name}: ${load.summary()}; meanwhile typing was heard after ${Math.round(heard)} ms, and pings were answered ` +
          `within ${Math.round(Math.max(...pings))} ms; converged in ${Math.round(converged)} ms`,
      )
      // Nobody was sent away.
      expect(load.clients.map(({ visits }) => visits.length)).toEqual(load.clients.map(() => 1))
      expect(await load.judge()).toEqual([])
    } finally {
      // Also if an expectation failed: the next test needs the database.
      await release()
      load.stop()
    }
  },
)

function wasRefused({ sendings }: SteadyClient): boolean {
  return sendings.some(({ refusals }) => refusals.length > 0)
}

/** Who comes meanwhile is shown all that there is. */
async function comesLate({ nodes }: Cluster, load: Load): Promise<void> {
  const [person] = load.people
  const [there] = load.clients
  if (person === undefined || there === undefined) throw new Error('there is nobody')
  const late = new SteadyClient(person, load.rooms, { place: () => nodes.at(-1)?.wsUrl ?? '' })
  try {
    await until(() => late.live, 'who comes late to be live')
    for (const [room, replica] of late.rooms)
      expect(replica.state()).toEqual(there.rooms.get(room)?.state() ?? replica.state())
    expect(late.problems).toEqual([])
  } finally {
    late.stop()
  }
}
