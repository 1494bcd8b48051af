import { expect } from 'bun:test'
import { createRandom } from '../../e2e/random.ts'
import type { Limits } from './limits.ts'
import { startProbe } from './probe.ts'
import { everyRawRequest, openSlowClients } from './raw.ts'
import { type Attack, anyRequest, everyField, everyFlood, shuffled } from './rest.ts'
import { openScene, type Scene } from './scene.ts'
import { everySocket } from './sockets.ts'

export interface AssaultOptions extends Limits {
  readonly seed: number
  /** How many kinds of values are tried in each place, and how many requests are wrong in several ways at once. */
  readonly kinds: number
  readonly requests: number
  /** The most requests of all of these, chosen at random. */
  readonly most: number
  /** How long it may take; what has not been tried by then is left out. */
  readonly withinMs: number
}

/** After which an answer of `/healthz` is late. */
const LATE_MS = 150
/** How many answers may be late once, if none is late again when the same is sent once more: the machine's own stalls. */
const MOST_STALLS = 1
/** How often what was sent during a late answer is sent again, all of it at once. */
const REPEATS = 5
/** At a time: over REST, and over sockets. */
const REQUESTS = 6
const SOCKETS = 2
const SLOW_CLIENTS = 40

/**
 * Every route and every socket of a server of its own gets what no client should send, while another process asks for its
 * health all along: each of these answers is in time, no answer is a fault, each refusal has its contract's shape, and the server lives on.
 */
export async function assault({
  env,
  mostBytes,
  seed,
  kinds,
  requests,
  most,
  withinMs,
}: AssaultOptions): Promise<void> {
  console.log(`SEED=${seed} repeats what is sent, though not in which order it comes`)
  const scene = await openScene({ env, mostBytes })
  const random = createRandom(seed)
  const done: Done[] = []
  try {
    const probe = await startProbe(scene.node)
    const slowClients = await openSlowClients(scene, random, SLOW_CLIENTS)
    const start = performance.now()
    const rest = shuffled(
      [
        ...everyField(scene, random, kinds),
        ...everyRawRequest(scene, random),
        ...everyFlood(scene, random, kinds),
        ...Array.from({ length: requests }, () => anyRequest(scene, random)),
      ].filter(isWanted),
      random,
    ).slice(0, most)
    const sockets = everySocket(scene, random, kinds).filter(isWanted)
    await Promise.all([
      carryOut(rest, REQUESTS, start + withinMs, done),
      carryOut(sockets, SOCKETS, start + withinMs, done),
    ])
    slowClients.end()
    const took = performance.now() - start
    const { answers, slow: late, slowest, slowestInAll } = await probe.stop(LATE_MS)
    const health = await fetch(`${scene.node.url}/healthz`)
    console.log(
      `${done.length} of ${rest.length + sockets.length} attacks in ${(took / 1000).toFixed(1)} s; ` +
        `${answers} answers of /healthz within ${slowest.toFixed(0)} ms, ${slowestInAll.toFixed(0)} with what else the machine ran`,
    )
    const again: string[] = []
    for (const { from, to, ms } of late.slice(0, 10)) {
      const meanwhile = done.filter((each) => each.from < to && each.to > from)
      const names = meanwhile.map(({ name }) => name).join('; ')
      const slowestAgain = await repeat(scene, meanwhile)
      console.log(`${ms.toFixed(0)} ms, and ${slowestAgain.toFixed(0)} ms when repeated: ${names}`)
      if (slowestAgain > LATE_MS) again.push(`${ms.toFixed(0)} ms, during ${names}`)
    }
    expect(again).toEqual([])
    expect(late.length).toBeLessThanOrEqual(MOST_STALLS)
    expect(done.flatMap(({ name, problem }) => (problem === null ? [] : [`${name}: ${problem}`]))).toEqual([])
    expect(health.status).toBe(200)
    expect(scene.node.output()).not.toMatch(/"level":(50|60)/)
    expect(answers).toBeGreaterThan(5)
  } finally {
    await scene.close()
  }
}

/** Those whose name matches `ONLY`, if that is set: to look at one of them alone. */
function isWanted({ name }: Attack): boolean {
  return new RegExp(process.env.ONLY ?? '').test(name)
}

async function carryOut(
  attacks: readonly Attack[],
  atOnce: number,
  deadline: number,
  done: Done[],
): Promise<void> {
  const rest = attacks.values()
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (const attack of rest) {
        if (performance.now() > deadline) return
        const from = performance.timeOrigin + performance.now()
        const problem = await attack.run().catch((error: unknown) => String(error))
        done.push({ ...attack, problem, from, to: performance.timeOrigin + performance.now() })
      }
    }),
  )
}

/** Sends the same again, several times. @returns how long the slowest answer of `/healthz` took beside it, in milliseconds */
async function repeat({ node }: Scene, attacks: readonly Attack[]): Promise<number> {
  const probe = await startProbe(node)
  for (let time = 0; time < REPEATS; time++)
    await Promise.all(attacks.map(({ run }) => run().catch(() => null)))
  return (await probe.stop(LATE_MS)).slowest
}

interface Done extends Attack {
  readonly problem: string | null
  /** In milliseconds since 1970. */
  readonly from: number
  readonly to: number
}
