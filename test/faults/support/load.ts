import { until } from '../../support/until.ts'
import type { Cluster } from './cluster.ts'
import { type Holding, judge } from './oracle.ts'
import { makePeople, makeRooms } from './people.ts'
import type { Sending } from './sending.ts'
import { SteadyClient, type SteadyClientOptions } from './steady-client.ts'

export interface LoadOptions {
  readonly rooms: number
  /** Clients that are in all rooms, over one socket each; they connect to the nodes in turn. */
  readonly clients: number
  /** Further members of the rooms who are not connected. */
  readonly guests?: number
  /** Actions per second of all clients together: messages, and sometimes an edit, a deletion, a retry, or typing. */
  readonly perSecond: number
  /** The most messages of one client without a response; past it the client sends nothing more. */
  readonly window?: number
  readonly client?: Pick<SteadyClientOptions, 'mostPauseMs' | 'frame'>
  /** Appended to the text of each message. */
  readonly filler?: string
}

/** How long a steady client may take to have everything after a fault, in milliseconds, as promised. */
export const CONVERGENCE_MS = 10_000

const TICK_MS = 10

/** Clients that send continuously until they are stopped. */
export async function startLoad(cluster: Cluster, options: LoadOptions) {
  const { perSecond, guests = 0, window = 16, filler = '' } = options
  const [place] = cluster.nodes
  if (place === undefined) throw new Error('there is no node')
  const everyone = await makePeople(cluster.sql, options.clients + guests)
  const people = everyone.slice(0, options.clients)
  const rooms = await makeRooms(place, everyone, options.rooms)
  const clients = people.map(
    (who, index) => new SteadyClient(who, rooms, { ...options.client, place: turns(cluster, index) }),
  )
  await until(() => clients.every(({ live }) => live), 'all clients to be live', 20_000)

  let count = 0
  let owed = 0
  let last = performance.now()
  let timer: ReturnType<typeof setInterval> | null = setInterval(go, TICK_MS)

  function go(): void {
    const now = performance.now()
    // Sends that a stall of this process prevented are not made up for, so that the rate stays bounded.
    owed = Math.min(owed + ((now - last) / 1000) * perSecond, Math.max(1, perSecond / 10))
    last = now
    for (; owed >= 1; owed--) act(++count)
  }

  function act(n: number): void {
    const client = clients[n % clients.length]
    const room = rooms[(n >> 3) % rooms.length]
    if (client === undefined || room === undefined || client.waiting >= window) return
    const earlier = client.sendings.at(-1 - (n % 7))
    if (n % 23 === 0 && earlier !== undefined) void client.change(earlier, 'edit')
    else if (n % 41 === 0 && earlier !== undefined) void client.change(earlier, 'delete')
    else if (n % 17 === 0 && earlier !== undefined) void client.repeat(earlier)
    else if (n % 13 === 0) void client.ask({ type: 'typing', room, typing: true })
    else client.say(room, `message ${n}${filler}`)
  }

  const sendings = () => clients.flatMap((client) => client.sendings)
  const acked = () => sendings().filter(({ acks }) => acks.length > 0)

  const load = {
    people,
    guests: everyone.slice(options.clients),
    rooms,
    clients,
    sendings,
    acked,

    /** Resolves once this many more messages have been acknowledged. */
    async flows(messages: number, withinMs = 20_000): Promise<void> {
      const count = () => clients.reduce((sum, { acknowledged }) => sum + acknowledged, 0)
      const before = count()
      await until(() => count() >= before + messages, `${messages} more acknowledged messages`, withinMs)
    },

    /** Resolves once each of these has been acknowledged. */
    async answered(some: readonly Sending[], withinMs = 20_000): Promise<void> {
      await until(() => some.every(({ acks }) => acks.length > 0), 'acknowledgements', withinMs)
    },

    /** Every client sends this many messages at once. */
    burst(each: number): void {
      for (const client of clients) {
        for (let i = 0; i < each; i++) {
          client.say(rooms[i % rooms.length] ?? 0, `${client.who.username}'s burst ${++count}${filler}`)
        }
      }
    },

    /** Stops all clients from starting new actions. */
    pause(): void {
      if (timer !== null) clearInterval(timer)
      timer = null
    },

    resume(): void {
      last = performance.now()
      timer ??= setInterval(go, TICK_MS)
    },

    /**
     * Resolves once every message has its response and every client holds everything in the database.
     * @returns milliseconds that it took
     */
    async converge(withinMs = CONVERGENCE_MS): Promise<number> {
      const start = performance.now()
      load.pause()
      const left = () => whatIsLeft(cluster, clients)
      await until(async () => (await left()) === null, 'everyone to have everything', withinMs).catch(
        async (error: unknown) => {
          throw new Error(`${error}: ${await left()}; ${load.problems().slice(0, 5).join('\n')}`)
        },
      )
      return performance.now() - start
    },

    /** Tells the clients what the database has lost. @returns how many acknowledged messages are lost */
    tailLost: (isStored: (sending: Sending) => boolean) =>
      clients.reduce((sum, client) => sum + client.tailLost(isStored), 0),

    /** Returns how often a send was refused so far. */
    refusals: () => sendings().reduce((sum, { refusals }) => sum + refusals.length, 0),

    problems: () =>
      clients.flatMap(({ who, problems }) => problems.map((problem) => `${who.username}: ${problem}`)),

    /** Returns the promises that do not hold after the load has stopped; empty if all hold. */
    async judge(): Promise<string[]> {
      await load.converge()
      const holdings = clients.flatMap(({ who, rooms }) =>
        [...rooms].map(([room, replica]): Holding => ({ who: who.username, room, state: replica.state() })),
      )
      return [...load.problems(), ...(await judge(cluster.sql, { sendings: sendings(), holdings }))]
    },

    /** Returns a summary in one line, for the report. */
    summary(): string {
      const all = sendings()
      const again = all.filter(({ attempts }) => attempts > 1).length
      const refused = all.filter(({ refusals }) => refusals.length > 0).length
      const visits = clients.reduce((sum, client) => sum + client.visits.length, 0)
      return `${all.length} sent by ${clients.length} clients to ${rooms.length} rooms, ${acked().length} acknowledged, ${again} sent again, ${refused} refused for a while; ${visits} connections`
    },

    stop(): void {
      load.pause()
      for (const client of clients) client.stop()
    },
  }
  return load
}

export type Load = Awaited<ReturnType<typeof startLoad>>

/** Each client starts with its own node, and connects to the next one with every attempt, as behind a load balancer. */
function turns({ nodes }: Pick<Cluster, 'nodes'>, start: number): () => string {
  let turn = start
  return () => nodes[turn++ % nodes.length]?.wsUrl ?? 'ws://127.0.0.1:1'
}

/** null if there is none. */
async function whatIsLeft({ sql }: Cluster, clients: readonly SteadyClient[]): Promise<string | null> {
  const waiting = clients.reduce((sum, client) => sum + client.waiting, 0)
  if (waiting > 0) return `${waiting} messages have no answer`
  // An edit that is stored after the comparison would be missing in it.
  if (clients.some(({ busy }) => busy)) return 'a request has no answer'
  const rows = await sql<
    { id: number; head: number }[]
  >`select id::float8 as id, last_seq::float8 as head from rooms`
  const heads = new Map(rows.map(({ id, head }) => [id, head]))
  for (const { who, rooms } of clients) {
    for (const [room, { position }] of rooms) {
      if (position !== heads.get(room))
        return `${who.username} is at ${position} of ${heads.get(room)} in ${room}`
    }
  }
  return null
}
