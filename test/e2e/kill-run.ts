import { type ParleyProcess, startParley } from '../support/parley-process.ts'
import { openSandbox } from '../support/sandbox/sandbox.ts'
import { until } from '../support/until.ts'
import { launchParley } from './launch.ts'
import type { Evidence } from './oracle.ts'
import type { Random } from './random.ts'
import { createTalk, type Talk } from './talk.ts'
import { createRoom, createUser, readHistory } from './v1-rest.ts'
import type { WireMessage } from './wire.ts'

export interface KillRun {
  /** Settings of the server; every run of it uses the same data. */
  readonly settings: Readonly<Record<string, string>>
  readonly kills: number
  readonly random: Random
}

export interface KillReport extends Evidence {
  readonly refusals: readonly string[]
  /** The number of kills during a start; the others happened under load. */
  readonly whileStarting: number
}

/**
 * Kills the server repeatedly while several clients send, and restarts it on the same data. The last run shuts down
 * in order, after every client has sent more messages and received everything.
 */
export async function killAgainAndAgain({ settings, kills, random }: KillRun): Promise<KillReport> {
  let whileStarting = 0
  let parley = await startParley({ ...settings })
  const rooms = [await createRoom(parley, 'hall'), await createRoom(parley, 'den')]
  const users = await Promise.all(NAMES.map((name) => createUser(parley, name)))
  const talk = createTalk(rooms, users)

  for (let kill = 1; kill <= kills; kill++) {
    const { go } = await talk.settle(parley)
    const gone = go(Number.POSITIVE_INFINITY)
    const enough = talk.acked() + 1 + random.below(MOST_ACKS)
    await until(() => talk.acked() >= enough, `${enough} messages to be acknowledged`, 30_000)
    // Not a wait: the moment of the blow, from which no phase of a batch is to be spared.
    await Bun.sleep(random.below(MOST_MORE_MS))
    process.kill(parley.pid, 'SIGKILL')
    await gone
    await parley.remove()
    if (random.below(3) === 0) {
      whileStarting++
      await killWhileStarting(settings, random.below(MOST_START_MS))
    }
    parley = await startParley({ ...settings })
  }
  const stored = await endInGoodOrder(parley, talk)
  return { ...talk.clients, stored, whileStarting }
}

/** Every client sends some last messages, and receives all of them. */
async function endInGoodOrder(parley: ParleyProcess, talk: Talk): Promise<Map<string, WireMessage[]>> {
  const { go, sockets } = await talk.settle(parley)
  await go(LAST_WORDS)
  const stored = new Map<string, WireMessage[]>()
  for (const room of talk.rooms) stored.set(room, await readHistory(parley, room))
  const atEnd = sockets.map(({ viewing }) => {
    const last = stored.get(viewing.room)?.at(-1)?.id
    return () => viewing.messages.at(-1)?.id === last
  })
  await until(() => atEnd.every((sawAll) => sawAll()), 'everyone to have everything')
  for (const socket of sockets) await socket.leave()
  const code = await parley.stop()
  await parley.remove()
  if (code !== 0) throw new Error(`the last life ended with ${code}`)
  return stored
}

/** Kills a server that has been starting for some time, or is ready already. */
export async function killWhileStarting(settings: KillRun['settings'], afterMs: number): Promise<void> {
  const sandbox = await openSandbox('killed')
  const starting = await launchParley(sandbox, settings)
  await Bun.sleep(afterMs)
  await starting.kill()
  await sandbox.remove()
}

const NAMES = ['ann', 'ben', 'cleo', 'dan', 'eve', 'finn', 'gus', 'hal', 'ida']
/** The most messages acknowledged in one run before the kill. */
const MOST_ACKS = 300
const MOST_MORE_MS = 20
const MOST_START_MS = 600
const LAST_WORDS = 25
