import { expect } from 'bun:test'
import { openSandbox } from '../support/sandbox/sandbox.ts'
import { type Around, launchParley } from './launch.ts'

/** Starts one of the server's programs, which must fail, and returns the one line that it prints. */
export async function refusal(
  settings: Readonly<Record<string, string>>,
  main = 'main.ts',
  around: Around = (command) => command,
): Promise<string> {
  const { code, output } = await runToEnd(settings, main, around)
  expect(output).toMatch(/^[^\n]+\n$/)
  expect(code).toBe(1)
  return output.trim()
}

export async function runToEnd(
  settings: Readonly<Record<string, string>>,
  main: string,
  around: Around = (command) => command,
): Promise<{ code: number; output: string }> {
  const sandbox = await openSandbox('start')
  try {
    const started = await launchParley(sandbox, settings, { main, around })
    const code = await started.exited()
    return { code, output: started.output() }
  } finally {
    await sandbox.remove()
  }
}
