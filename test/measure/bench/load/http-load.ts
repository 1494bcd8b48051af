/*
 * The load of the history benchmark, a process of its own: reads a plan from its standard input and prints the outcome,
 * both JSON. It keeps its connections and looks no further into the answers than their lengths: `fetch` would cost as much
 * as the server.
 */
import { Value } from '@sinclair/typebox/value'
import { type HttpOutcome, HttpPlan } from './http-plan.ts'

async function run({ url, headers, connections, warmUpMs, measureMs }: HttpPlan): Promise<HttpOutcome> {
  const request = requestOf(new URL(url), headers)
  const failure = Promise.withResolvers<never>()
  const [asked, answered] = [{ on: true }, { count: 0, bytes: 0 }]
  const done = Array.from({ length: connections }, () => Promise.withResolvers<void>())
  for (const { resolve } of done) {
    const reader = new AnswerReader()
    const ask = (socket: Bun.Socket) => {
      if (!asked.on) resolve()
      else if (socket.write(request) !== request.length) failure.reject(new Error('the server does not read'))
    }
    await Bun.connect({
      hostname: new URL(url).hostname,
      port: Number(new URL(url).port),
      socket: {
        open: ask,
        data(socket, chunk) {
          const bytes = reader.push(chunk)
          if (bytes === null) return
          answered.count++
          answered.bytes = bytes
          ask(socket)
        },
        close: () => failure.reject(new Error('the server closed a connection')),
        error: (_, error) => failure.reject(error),
      },
    })
  }
  const work = async () => {
    await Bun.sleep(warmUpMs)
    const [from, before] = [performance.now(), answered.count]
    await Bun.sleep(measureMs)
    const [to, after] = [performance.now(), answered.count]
    asked.on = false
    await Promise.all(done.map(({ promise }) => promise))
    return { answers: after - before, seconds: (to - from) / 1000 }
  }
  const outcome = await Promise.race([work(), failure.promise])
  const { user, system } = process.cpuUsage()
  return { ...outcome, allAnswers: answered.count, bytes: answered.bytes, cpuSeconds: (user + system) / 1e6 }
}

/** Where answers with a `Content-Length` end. */
class AnswerReader {
  #head = ''
  #received = 0
  /** Bytes of the whole answer; null until its head is there. */
  #length: number | null = null
  #body = 0

  /** @returns the length of the body where the answer ends with this chunk, else null */
  push(chunk: Uint8Array): number | null {
    this.#received += chunk.length
    this.#length ??= this.#lengthAfter(chunk)
    if (this.#length === null || this.#received < this.#length) return null
    if (this.#received > this.#length) throw new Error('more came than was asked for')
    this.#received = 0
    this.#length = null
    return this.#body
  }

  #lengthAfter(chunk: Uint8Array): number | null {
    this.#head += Buffer.from(chunk.buffer, chunk.byteOffset, Math.min(chunk.length, MOST_HEAD)).toString(
      'latin1',
    )
    const end = this.#head.indexOf('\r\n\r\n')
    if (end === -1) return null
    const head = this.#head.slice(0, end + 2)
    this.#head = ''
    this.#body = Number(/\r\ncontent-length: (\d+)\r\n/i.exec(head)?.[1])
    if (!head.startsWith('HTTP/1.1 200 ') || !(this.#body > 0)) throw new Error(`not an answer: ${head}`)
    return end + 4 + this.#body
  }
}

const MOST_HEAD = 4096

function requestOf({ host, pathname, search }: URL, headers: Record<string, string>): Uint8Array {
  const lines = Object.entries({ host, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`)
  return new TextEncoder().encode(`GET ${pathname}${search} HTTP/1.1\r\n${lines.join('')}\r\n`)
}

const outcome = await run(Value.Parse(HttpPlan, await Bun.stdin.json()))
process.stdout.write(JSON.stringify(outcome))
process.exit(0)
