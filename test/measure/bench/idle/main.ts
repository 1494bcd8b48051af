/*
 * A crowd of clients, a process of its own: reads a plan from the first line of its standard input, then commands, and
 * answers each with a line. Its connections stay open until it is killed.
 */
import type { Static, TSchema } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import { textFrame } from '../load/frames.ts'
import { type Crowd, Member } from './member.ts'
import { Command, CrowdPlan, type Heard, type Opened } from './plan.ts'

/** Handshakes under way at once: few enough for the queue of connections that are to be accepted. */
const AT_ONCE = 64
/** An address has some 28,000 ports to connect from, but the more of them are taken the longer the system looks for a free one. */
const PER_ADDRESS = 500

class Load implements Crowd {
  readonly signs: Crowd['signs']
  readonly failed: (error: Error) => void
  /** Called with each sign that a client reaches; the handshake itself is -1. */
  onReached: (sign: number) => void = () => undefined
  onHeard: (payload: Uint8Array) => void = () => undefined
  readonly #plan: CrowdPlan
  readonly #greetings = new Map<Member, Uint8Array>()
  #members: Member[] = []

  constructor(plan: CrowdPlan, failed: (error: Error) => void) {
    this.#plan = plan
    this.failed = failed
    const signs = [plan.live, plan.ready].flatMap((sign) => sign ?? [])
    this.signs = signs.map(({ start, times }) => ({ start: Buffer.from(start), times }))
  }

  opened(member: Member): void {
    const greeting = this.#greetings.get(member)
    this.#greetings.delete(member)
    if (greeting !== undefined) member.write(greeting)
    this.onReached(-1)
  }

  reached(sign: number): void {
    this.onReached(sign)
  }

  heard(payload: Uint8Array): void {
    this.onHeard(payload)
  }

  /** Resolves once all have reached every sign. */
  async open(): Promise<Opened> {
    const { clients } = this.#plan
    const began = performance.now()
    const steps = Math.max(1, this.signs.length)
    const times = Array.from({ length: steps }, (): number[] => [])
    const all = Promise.withResolvers<void>()
    let next = 0
    const more = () => {
      if (next < clients.length) this.#connect(next++)
    }
    this.onReached = (sign) => {
      if (sign === -1) more()
      if (sign === -1 && this.signs.length > 0) return
      times[Math.max(0, sign)]?.push(performance.now() - began)
      if (times.every(({ length }) => length === clients.length)) all.resolve()
    }
    for (let i = 0; i < AT_ONCE; i++) more()
    await all.promise
    return { live: spread(times[0]), ready: spread(times.at(-1)) }
  }

  /** Resolves once all have heard the mark. */
  async hear({ mark, send }: Extract<Command, { do: 'hear' }>): Promise<Heard> {
    const sought = Buffer.from(mark)
    const all = Promise.withResolvers<void>()
    const began = now()
    let [left, firstAt, lastAt] = [this.#members.length, 0, 0]
    this.onHeard = (payload) => {
      if (!Buffer.from(payload.buffer, payload.byteOffset, payload.length).includes(sought)) return
      lastAt = now()
      if (left === this.#members.length) firstAt = lastAt
      if (--left === 0) all.resolve()
    }
    if (send !== null) this.#members[0]?.write(textFrame(send))
    await all.promise
    return { beganAt: began, firstAt, lastAt }
  }

  cut(): void {
    for (const member of this.#members) member.cut()
    this.#members = []
  }

  #connect(index: number): void {
    const { port, load, clients } = this.#plan
    const { path, greeting } = clients[index] ?? { path: '', greeting: [] }
    const member = new Member(this, path)
    this.#members[index] = member
    if (greeting.length > 0) this.#greetings.set(member, Buffer.concat(greeting.map(textFrame)))
    member.connect(port, `127.0.${1 + load}.${1 + Math.floor(index / PER_ADDRESS)}`).catch(this.failed)
  }
}

function spread(times: readonly number[] = []): Opened['live'] {
  const sorted = times.toSorted((a, b) => a - b)
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
  return { p50: at(0.5), p99: at(0.99), last: at(1) }
}

function now(): number {
  return performance.timeOrigin + performance.now()
}

async function carryOut(load: Load, command: Command): Promise<Opened | Heard> {
  if (command.do === 'hear') return load.hear(command)
  if (command.do === 'return') load.cut()
  return load.open()
}

function read<T extends TSchema>(schema: T, line: string): Static<T> {
  return Value.Parse(schema, JSON.parse(line))
}

const failure = Promise.withResolvers<never>()
const lines = console[Symbol.asyncIterator]()
const first = await lines.next()
const load = new Load(read(CrowdPlan, first.value), failure.reject)
for await (const line of { [Symbol.asyncIterator]: () => lines }) {
  // Whoever started it has ended.
  if (line === '') break
  const answer = await Promise.race([carryOut(load, read(Command, line)), failure.promise])
  process.stdout.write(`${JSON.stringify(answer)}\n`)
}
