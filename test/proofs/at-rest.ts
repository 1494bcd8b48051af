import { readFile } from 'node:fs/promises'
import { until } from '../support/until.ts'

/** Resolves once a process has used almost no processor time during some thirty checks. Works on Linux only. */
export async function atRest(pid: number): Promise<void> {
  let since = await processorTicks(pid)
  let looks = 0
  await until(
    async () => {
      const now = await processorTicks(pid)
      looks = now - since > 1 ? 0 : looks + 1
      if (looks === 0) since = now
      return looks >= 30
    },
    'the server to come to rest',
    30_000,
  )
}

/** The processor time that the process has used, in hundredths of a second. */
async function processorTicks(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
  // The name, in brackets, may hold anything; what follows it does not.
  const [, , , , , , , , , , , user = 0, system = 0] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number)
  return user + system
}
