import { join } from 'node:path'
import type { Sandbox } from '../support/sandbox/sandbox.ts'
import type { SandboxProcess } from '../support/sandbox/sandbox-process.ts'

/** A command that runs another one in a changed environment. */
export type Around = (command: readonly string[]) => readonly string[]

export interface LaunchOptions {
  readonly name?: string
  readonly main?: string
  readonly around?: Around
}

/** Starts one of the server's programs without waiting, for starts that fail or are interrupted. */
export function launchParley(
  sandbox: Sandbox,
  settings: Readonly<Record<string, string>>,
  { name = 'parley', main = 'main.ts', around = (command) => command }: LaunchOptions = {},
): Promise<SandboxProcess> {
  const program = join(import.meta.dir, '../../src', main)
  const surroundings = { PATH: process.env.PATH ?? '', HOME: sandbox.folder }
  const place = { HOST: '127.0.0.1', PORT: '0', DATA_DIR: join(sandbox.folder, 'data') }
  const command = [process.execPath, '--no-env-file', program]
  return sandbox.run(name, around(command), { ...surroundings, ...place, ...settings })
}
