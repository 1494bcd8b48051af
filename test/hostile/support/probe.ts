import { join } from 'node:path'

/** An answer that took longer than what the machine itself took meanwhile. */
export interface SlowAnswer {
  /** In milliseconds since 1970. */
  readonly from: number
  readonly to: number
  /** Beyond what a server that does nothing took at the same time. */
  readonly ms: number
}

export interface Probed {
  readonly answers: number
  /** Slowest first. */
  readonly slow: readonly SlowAnswer[]
  /** The longest of a server that does nothing. */
  readonly machine: number
}

export interface Probe {
  /** @param slowMs from which an answer counts as slow */
  stop(slowMs: number): Promise<Probed>
}

/**
 * Asks `/healthz` from another process until it is stopped. Another one asks a server that does nothing at the same time: a
 * machine that is busy with something else slows both. Waiting for the processor is not counted as the server's.
 */
export async function startProbe({ url, pid }: { url: string; pid: number }): Promise<Probe> {
  const bare = run('bare-server.ts')
  const lines = bare.stdout.getReader()
  const port = Number(new TextDecoder().decode((await lines.read()).value))
  const probe = run('health-probe.ts', `${url}/healthz`, String(pid), `http://127.0.0.1:${port}/`)
  const printed = probe.stdout.pipeThrough(new TextDecoderStream()).getReader()
  // From here on nothing is missed, however short it is.
  await printed.read()

  return {
    async stop(slowMs) {
      await probe.stdin.end()
      let text = ''
      for (let next = await printed.read(); !next.done; next = await printed.read()) text += next.value
      const [tested = [], control = []] = answersIn(text)
      await bare.stdin.end()
      const [code] = await Promise.all([probe.exited, bare.exited])
      if (code !== 0) throw new Error(`the probe ended with ${code}`)
      const slow = tested
        .map(([from, ms]) => ({ from, to: from + ms, ms: ms - slowest(control, from, from + ms) }))
        .filter(({ ms }) => ms >= slowMs)
        .sort((a, b) => b.ms - a.ms)
      return {
        answers: tested.length,
        slow,
        machine: slowest(control, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY),
      }
    },
  }
}

/** Does something while a server is asked for its health. @returns what came of it, and the answers that took `slowMs` or longer */
export async function besideHealth<T>(
  node: { readonly url: string; readonly pid: number },
  slowMs: number,
  act: () => Promise<T>,
): Promise<{ readonly result: T; readonly slow: readonly SlowAnswer[] }> {
  const probe = await startProbe(node)
  const result = await act()
  const { answers, slow } = await probe.stop(slowMs)
  if (answers === 0) throw new Error('nothing was asked')
  return { result, slow }
}

function run(program: string, ...args: string[]) {
  const command = [process.execPath, '--no-env-file', join(import.meta.dir, '../programs', program), ...args]
  return Bun.spawn(command, { stdio: ['pipe', 'pipe', 'inherit'] })
}

function answersIn(text: string): [number, number][][] {
  const answers: [number, number][][] = JSON.parse(text)
  return answers
}

/** Of the answers that were on their way at any time in between. */
function slowest(answers: readonly [number, number][], from: number, to: number): number {
  let most = 0
  for (const [start, ms] of answers) if (start <= to && start + ms >= from) most = Math.max(most, ms)
  return most
}
