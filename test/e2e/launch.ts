import { join } from 'node:path'
import type { Sandbox } from '../support/sandbox/sandbox.ts'
import type { SandboxProcess } from '../support/sandbox/sandbox-process.ts'

/** Starts a program of the server's without waiting for anything: for starts that fail, or are cut short. */
export function launchParley(
  sandbox: Sandbox,
  settings: Readonly<Record<string, string>>,
  { name = 'parley', main = 'main.ts' } = {},
): Promise<SandboxProcess> {
  const program = join(import.meta.dir, '../../src', main)
  const surroundings = { PATH: process.env.PATH ?? '', HOME: sandbox.folder }
  const place = { HOST: '127.0.0.1', PORT: '0', DATA_DIR: join(sandbox.folder, 'data') }
  const command = [process.execPath, '--no-env-file', program]
  return sandbox.run(name, command, { ...surroundings, ...place, ...settings })
}
