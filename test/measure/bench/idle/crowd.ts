import { join } from 'node:path'
import type { Static, TSchema } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import { type Command, type CrowdPlan, Heard, Opened } from './plan.ts'

/** Many clients, in a process of their own. */
export interface Crowd {
  readonly pid: number
  /** Resolves once all are ready. */
  open(): Promise<Opened>
  /** Resolves once all have heard something that contains the mark. @param send what the first of them sends */
  hear(mark: string, send: string | null): Promise<Heard>
  /** All are cut at once and come back; resolves once they are ready again. */
  comeBack(): Promise<Opened>
  /** Kills the process, and with it the connections. */
  end(): Promise<void>
}

export function startCrowd(plan: CrowdPlan): Crowd {
  const load = Bun.spawn([process.execPath, '--no-env-file', LOAD], { stdio: ['pipe', 'pipe', 'inherit'] })
  const answers = linesOf(load.stdout)

  async function tell(value: Command | CrowdPlan): Promise<void> {
    load.stdin.write(`${JSON.stringify(value)}\n`)
    await load.stdin.flush()
  }

  async function ask<T extends TSchema>(command: Command, schema: T): Promise<Static<T>> {
    await planned
    await tell(command)
    const answer = await answers.next()
    if (answer.done === true) throw new Error('the load has failed')
    return Value.Parse(schema, JSON.parse(answer.value))
  }

  const planned = tell(plan)
  return {
    pid: load.pid,
    open: () => ask({ do: 'open' }, Opened),
    hear: (mark, send) => ask({ do: 'hear', mark, send }, Heard),
    comeBack: () => ask({ do: 'return' }, Opened),
    async end() {
      load.kill('SIGKILL')
      await load.exited
    },
  }
}

async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const piece of stream) {
    const lines = (text + decoder.decode(piece, { stream: true })).split('\n')
    text = lines.pop() ?? ''
    yield* lines
  }
}

const LOAD = join(import.meta.dir, 'main.ts')
