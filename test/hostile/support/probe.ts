import { join } from 'node:path'

/** An answer that took long. */
export interface SlowAnswer {
  /** In milliseconds since 1970. */
  readonly from: number
  readonly to: number
  /** Without the time in which the machine ran something else. */
  readonly ms: number
}

export interface Probed {
  readonly answers: number
  /** Slowest first. */
  readonly slow: readonly SlowAnswer[]
  /** The most that an answer took, in milliseconds: without the time in which the machine ran something else, and with it. */
  readonly slowest: number
  readonly slowestInAll: number
}

export interface Probe {
  /** @param slowMs from which an answer counts as slow */
  stop(slowMs: number): Promise<Probed>
}

/**
 * Asks `/healthz` from another process until it is stopped. What a server that could run waits for a processor is not counted
 * as its own: others may use the machine.
 */
export async function startProbe({ url, pid }: { url: string; pid: number }): Promise<Probe> {
  const program = join(import.meta.dir, '../programs/health-probe.ts')
  const command = [process.execPath, '--no-env-file', program, `${url}/healthz`, String(pid)]
  const probe = Bun.spawn(command, { stdio: ['pipe', 'pipe', 'inherit'] })
  const printed = probe.stdout.pipeThrough(new TextDecoderStream()).getReader()
  // From here on nothing is missed, however short it is.
  await printed.read()

  return {
    async stop(slowMs) {
      await probe.stdin.end()
      let text = ''
      for (let next = await printed.read(); !next.done; next = await printed.read()) text += next.value
      const code = await probe.exited
      if (code !== 0) throw new Error(`the probe ended with ${code}`)
      const answers: [number, number, number][] = JSON.parse(text)
      return {
        answers: answers.length,
        slow: answers
          .map(([from, ms, waited]) => ({ from, to: from + ms, ms: ms - waited }))
          .filter(({ ms }) => ms >= slowMs)
          .sort((a, b) => b.ms - a.ms),
        slowest: Math.max(0, ...answers.map(([, ms, waited]) => ms - waited)),
        slowestInAll: Math.max(0, ...answers.map(([, ms]) => ms)),
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
