import { expect } from 'bun:test'
import { ParleyError, type SocketConstructor, type Transport } from '../../src/client/index.ts'
import { openTables } from '../api/across/support/stored.ts'
import { makeRoom, type Person, person } from '../api/v2/support/people.ts'
import { createRandom } from '../e2e/random.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { startRedis } from '../support/redis-server.ts'
import { createMigratedDatabase } from '../support/shared-postgres.ts'
import { until } from '../support/until.ts'
import { ACTS, randomAct } from './acts.ts'
import { countsThatDiffer } from './counts.ts'
import { cuttingProxy, randomCut } from './cutting-proxy.ts'
import { Device } from './device.ts'
import { differencesOf } from './differences.ts'
import { miscounts } from './miscounts.ts'
import { endSlowMode } from './staff-acts.ts'
import { chooseAt, type World } from './world.ts'

/**
 * Users do everything that can be done, over connections that are cut at random. Once nothing is under way, each of their devices shows
 * each room as it is.
 * @param transports of the devices, in turn
 * @param count of the nodes; each connection is to one of them
 */
export async function allShowTheSame(
  rounds: number,
  acts: number,
  seed: number,
  transports: readonly Transport[] = ['socket'],
  count = 1,
): Promise<void> {
  console.log(`SEED=${seed} repeats these acts, though not in which order they come`)
  const random = createRandom(seed)
  // Between two polls a user is not connected.
  const grace = transports.includes('poll') ? '1500' : '0'
  const redis = count > 1 ? await startRedis() : null
  const settings = {
    ...SETTINGS,
    PRESENCE_GRACE_MS: grace,
    DATABASE_URL: await createMigratedDatabase(),
    ...(redis === null ? {} : { REDIS_URL: redis.url }),
  }
  const nodes = await Promise.all(Array.from({ length: count }, () => startApp(settings)))
  const [app] = nodes
  if (app === undefined) throw new Error('there is no node')
  const tables = openTables(settings.DATABASE_URL)
  const proxy = cuttingProxy(app.url)
  const aim = () => proxy.target(nodes.map(({ url }) => url))
  aim()
  const modes = new Map<string, number>()
  let restarting: Promise<void> | null = null

  async function restart(): Promise<void> {
    await nodes.shift()?.close()
    nodes.push(await startApp(settings))
    aim()
  }

  try {
    const people = await Promise.all(NAMES.map((name) => person(app, name)))
    const rooms: number[] = await makeRooms(app, people)
    const devices = [...people, ...people.slice(0, 2)].map(
      (who, i) => new Device(proxy.url, who, countingModes(modes), transports[i % transports.length]),
    )
    await Promise.all(devices.map((device) => device.quiet()))
    const world: World = {
      devices,
      rooms,
      blocked: new Set(),
      random,
      cutAll: () => proxy.cutAll(),
      async restart() {
        restarting ??= restart().finally(() => {
          restarting = null
        })
        await restarting
      },
    }
    const done = new Map<string, number>()
    for (let round = 1; round <= rounds; round++) {
      // Some connections are cut after a number of bytes, the others by an act.
      proxy.plan = () => (random.below(2) === 0 ? randomCut(random, MOST_BYTES) : null)
      await act(world, acts, done)
      proxy.plan = () => null
      for (const { client } of devices) client.connect()
      await endSlowMode(devices)
      await Promise.all(devices.map((device) => device.quiet()))
      expect(await differencesLeft(devices)).toEqual([])
      expect(await miscounts(tables.sql, world.blocked)).toEqual([])
      for (const device of devices.slice(0, people.length)) {
        expect(await countsThatDiffer(proxy.url, device, tables.sql)).toEqual([])
      }
    }
    console.log(
      `${proxy.tally.cuts} cuts; subscriptions`,
      Object.fromEntries(modes),
      '; acts',
      Object.fromEntries(done),
    )
    await Promise.all(devices.map(({ client }) => client.close()))
  } finally {
    proxy.stop()
    await tables.close()
    await Promise.all(nodes.map((node) => node.close()))
    await redis?.remove()
  }
}

/** @param done counts how often each act was done; it is continued */
async function act(world: World, acts: number, done: Map<string, number>): Promise<void> {
  const underWay = new Set<Promise<void>>()
  for (let number = 1; number <= acts; number++) {
    const name = randomAct(world.random)
    const at = chooseAt(world, number)
    const acting = possibly(() => ACTS[name]?.[1](at)).then((was) => {
      underWay.delete(acting)
      if (was) done.set(name, (done.get(name) ?? 0) + 1)
    })
    underWay.add(acting)
    // Sometimes one by one, sometimes many at once.
    if (underWay.size > world.random.below(AT_ONCE)) await Promise.race(underWay)
  }
  await Promise.all(underWay)
}

/** Returns the differences that remain once nothing is under way. Marks and counts may need a moment. */
async function differencesLeft(devices: readonly Device[]): Promise<string[]> {
  let left: string[] = []
  async function areEqual(): Promise<boolean> {
    // Connections that were opened before may still be cut off.
    const look = (device: Device) => differencesOf(device).catch((error: unknown) => [String(error)])
    const found = await Promise.all(devices.map(look))
    left = found.flatMap((lines, i) =>
      lines.map((line) => `device ${i} of user ${devices[i]?.who.id}: ${line}`),
    )
    return left.length === 0
  }
  await until(areEqual, 'all to show what is so').catch(() => undefined)
  return left
}

/** @returns whether it was neither refused nor lost with its connection */
async function possibly(run: () => unknown): Promise<boolean> {
  try {
    await run()
    return true
  } catch (error) {
    if (!(error instanceof ParleyError) || error.code === 'internal' || error.code === 'bad_answer')
      throw error
    return false
  }
}

async function makeRooms(app: TestApp, people: readonly Person[]): Promise<number[]> {
  const [ann, ben, ...others] = people
  if (ann === undefined || ben === undefined) throw new Error('too few came')
  return await Promise.all([
    makeRoom(app, ann, [ben, ...others], 'public'),
    makeRoom(app, ben, [ann], 'public'),
    makeRoom(app, ben, [ann, ...others], 'private'),
    makeRoom(app, ann, others, 'game'),
  ])
}

/** A WebSocket that counts how subscriptions are served. */
function countingModes(modes: Map<string, number>): SocketConstructor {
  return class extends WebSocket {
    constructor(url: string) {
      super(url)
      this.addEventListener('message', ({ data }) => {
        const mode = /^\{"type":"result","id":\d+,"data":\{"room":\d+,"mode":"(\w+)"/.exec(String(data))?.[1]
        if (mode !== undefined) modes.set(mode, (modes.get(mode) ?? 0) + 1)
      })
    }
  }
}

const SETTINGS = {
  // So that a device that was away for long starts from a snapshot.
  RESUME_LIMIT: '120',
  RATE_USER_REQUESTS_PER_SECOND: '1000000',
  RATE_USER_REQUESTS_BURST: '1000000',
}
const NAMES = ['ann', 'ben', 'cleo', 'dan']
const AT_ONCE = 12
const MOST_BYTES = 8000
