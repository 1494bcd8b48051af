import { join } from 'node:path'
import { cpuSeconds } from '../harness/processes.ts'

export interface Listeners {
  readonly count: number
  /** Seconds of CPU that they have used, all together. */
  cpu(): number
  close(): Promise<void>
}

/** Starts nodes that listen to all shards, each a process of its own. */
export async function startListeners(url: string, count: number): Promise<Listeners> {
  const started = Array.from({ length: count }, () =>
    Bun.spawn([process.execPath, '--no-env-file', PROGRAM, url], { stdio: ['pipe', 'pipe', 'inherit'] }),
  )
  for (const { stdout } of started) {
    const { value } = await stdout.getReader().read()
    if (value === undefined) throw new Error('a listener has ended too soon')
  }
  return {
    count,
    cpu: () => started.reduce((sum, { pid }) => sum + cpuSeconds(pid), 0),
    async close() {
      for (const { stdin } of started) await stdin.end()
      await Promise.all(started.map(({ exited }) => exited))
    },
  }
}

const PROGRAM = join(import.meta.dir, 'listener.ts')
