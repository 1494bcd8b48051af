import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { findProgram } from '../../support/programs.ts'
import type { Sandbox } from '../../support/sandbox/sandbox.ts'

/** A Python of its own with the package `websockets`. */
export async function makePython(folder: string): Promise<string> {
  const python = await findProgram('python3')
  const own = join(folder, 'python')
  const ownPython = join(own, 'bin/python')
  // A pip that is there already spares the making of another, which takes longer than all the rest.
  const pip = Bun.spawnSync([python, '-m', 'pip', '--version']).exitCode === 0
  await succeed([python, '-m', 'venv', ...(pip ? ['--without-pip'] : []), own], 'it needs python3-venv')
  const installer = pip ? [python, '-m', 'pip', '--python', ownPython] : [ownPython, '-m', 'pip']
  const flags = ['--quiet', '--disable-pip-version-check', '--no-compile']
  await succeed(
    [...installer, 'install', ...flags, 'websockets==15.0.1'],
    'it needs a Python package registry',
  )
  return ownPython
}

/** Runs a script of the given text as a program of the sandbox. */
export async function runScript(
  sandbox: Sandbox,
  command: readonly string[],
  script: { readonly name: string; readonly text: string },
) {
  const path = join(sandbox.folder, 'scripts', script.name)
  await mkdir(join(path, '..'), { recursive: true })
  await writeFile(path, script.text)
  const env = { PATH: process.env.PATH ?? '', HOME: sandbox.folder, PYTHONUNBUFFERED: '1', NO_COLOR: '1' }
  return sandbox.run('client', [...command, path], env)
}

async function succeed(command: string[], need: string): Promise<void> {
  const child = Bun.spawn(command, { stdio: ['ignore', 'pipe', 'pipe'] })
  const [code, ...output] = await Promise.all([child.exited, child.stdout.text(), child.stderr.text()])
  if (code !== 0) throw new Error(`${command.join(' ')} failed (${need}):\n${output.join('')}`)
}
