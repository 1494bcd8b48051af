// What the test servers have in common: they can be stopped, killed, started again and frozen.

import type { Sandbox } from './sandbox/sandbox.ts'
import type { SandboxProcess } from './sandbox/sandbox-process.ts'

export interface Server {
  /** The main process, which changes with every start. */
  readonly pid: number
  readonly port: number
  /** Starts it again, on the same port and data; resolves once it answers. */
  start(): Promise<void>
  /** Ends it in an orderly way; `start` may follow. Whatever is left on disk goes with the test run. */
  stop(): Promise<void>
  /** SIGKILL; resolves once none of its processes is left. `start` may follow. */
  kill(): Promise<void>
  /** Freezes all of its processes with SIGSTOP: connections stay open, nothing answers. */
  pause(): Promise<void>
  resume(): Promise<void>
  /** Everything that it has logged since its first start. */
  output(): string
  /** Kills it if it runs, and deletes its folder now rather than at the end of the test run. */
  remove(): Promise<void>
}

/** Starts a server of the given kind; if that fails, nothing of it is left. */
export async function startServer(kind: ServerKind, sandbox: Sandbox, port: number): Promise<Server> {
  let current = await start().catch(async (error) => {
    await sandbox.remove()
    throw error
  })

  async function start(): Promise<SandboxProcess> {
    const launched = await kind.launch()
    await launched.ready(() => kind.answers(launched.pid))
    return launched
  }

  return {
    port,
    get pid() {
      return current.pid
    },
    async start() {
      if (current.running()) throw new Error(`${kind.name} runs already`)
      current = await start()
    },
    async stop() {
      await current.stop(kind.stopSignal)
    },
    kill: () => current.kill(),
    pause: () => current.pause(),
    resume: () => current.resume(),
    output: () => current.output(),
    remove: () => sandbox.remove(),
  }
}

export interface ServerKind {
  name: string
  stopSignal: NodeJS.Signals
  launch(): Promise<SandboxProcess>
  /** Whether this very process, and not another one on the same port, answers by now. */
  answers(pid: number): Promise<boolean>
}
