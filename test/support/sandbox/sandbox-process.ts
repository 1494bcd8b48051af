// One process of a sandbox: what it prints, how it ends, and ways to end, freeze or thaw it.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { until } from '../until.ts'
import { processState, sendSignal } from './process-state.ts'

export interface SandboxProcess {
  readonly pid: number
  running(): boolean
  /** Everything printed so far under this process's name, standard output and error together. */
  output(): string
  /** Waits until `condition` holds; if that takes too long or the process ends first, throws an error with its output. */
  ready<T>(condition: () => T | undefined | false | Promise<T | undefined | false>): Promise<T>
  /** Resolves to the exit code, which is 128 + the signal's number after a signal. */
  exited(timeoutMs?: number): Promise<number>
  /** Sends `signal` and resolves to the exit code; if the process outlives `timeoutMs`, kills it and throws. */
  stop(signal: NodeJS.Signals, timeoutMs?: number): Promise<number>
  /** SIGKILL to the process and all that it started; resolves once none is left. */
  kill(): Promise<void>
  /** SIGSTOP to the process and all that it started; resolves once all stand still. */
  pause(): Promise<void>
  resume(): Promise<void>
}

/** @param base the launcher's NAME: where its `.pid`, `.log` and `.exit` files are */
export async function sandboxProcess(base: string): Promise<SandboxProcess> {
  const pid = await until(() => readNumber(`${base}.pid`), `${base}.pid`)
  const exitCode = () => readNumber(`${base}.exit`)
  const running = () => exitCode() === undefined
  const output = () => (existsSync(`${base}.log`) ? readFileSync(`${base}.log`, 'utf8') : '')

  async function exited(timeoutMs = 30_000): Promise<number> {
    const code = await until(() => exitCode()?.toString(), `the end of process ${pid} (${base})`, timeoutMs)
    return Number(code)
  }

  async function kill(): Promise<void> {
    if (!running()) return
    const killed = await signalTree('KILL', pid)
    await exited()
    await until(() => killed.every((id) => processState(id) === 'gone'), `the end of processes ${killed}`)
  }

  return {
    pid,
    running,
    output,
    exited,
    kill,
    async ready(condition) {
      const ended = `process ${pid} (${base}) ended too soon`
      try {
        return await until(
          async () => {
            const over = !running()
            const answer = await condition()
            if (over && !answer) throw new Error(ended)
            return answer
          },
          `process ${pid} (${base}) to be ready`,
          60_000,
        )
      } catch (cause) {
        throw new Error(`${cause instanceof Error ? cause.message : cause}:\n${output()}`, { cause })
      }
    },
    async stop(signal, timeoutMs = 30_000) {
      if (running()) {
        await signalTree('CONT', pid)
        sendSignal(pid, signal)
      }
      try {
        return await exited(timeoutMs)
      } catch (cause) {
        await kill()
        throw new Error(`process ${pid} outlived ${signal} by ${timeoutMs} ms:\n${output()}`, { cause })
      }
    },
    async pause() {
      const paused = await signalTree('STOP', pid)
      await until(() => paused.every((id) => processState(id) !== 'running'), `a standstill of ${paused}`)
    },
    async resume() {
      await signalTree('CONT', pid)
    },
  }
}

async function signalTree(signal: 'KILL' | 'STOP' | 'CONT', pid: number): Promise<number[]> {
  const script = join(import.meta.dir, 'signal-tree.sh')
  const shell = Bun.spawn(['sh', script, signal, String(pid)], { stdio: ['ignore', 'pipe', 'ignore'] })
  const ids = (await shell.stdout.text()).trim()
  return ids === '' ? [] : ids.split('\n').map(Number)
}

/** The number on a file's only line; undefined as long as there is no such whole line. */
function readNumber(path: string): number | undefined {
  const text = existsSync(path) ? readFileSync(path, 'utf8') : ''
  return text.endsWith('\n') ? Number(text) : undefined
}
