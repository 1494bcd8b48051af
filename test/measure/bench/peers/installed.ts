import { mkdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LeftOut } from './peer.ts'

/**
 * A folder with something installed in it, kept for the next run.
 * @param name which says its exact version
 * @param install fills the folder, which is empty
 */
export async function installed(name: string, install: (folder: string) => Promise<void>): Promise<string> {
  const folder = join(process.env.XDG_CACHE_HOME ?? tmpdir(), 'parley-bench', name)
  const whole = Bun.file(join(folder, WHOLE))
  if (await whole.exists()) return folder
  console.log(`Installing ${name} into ${folder}, once.`)
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  await install(folder)
  await whole.write('')
  return folder
}

/** Where it has been written, nothing has cut the installation short. */
const WHOLE = 'installed'

/** @throws LeftOut with the last line that the command has printed, where it fails, and with the advice */
export async function succeed(
  command: readonly string[],
  advice: string,
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  const child = Bun.spawn([...command], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const [code, errors] = await Promise.all([child.exited, child.stderr.text()])
  if (code === 0) return
  const reason = errors.trim().split('\n').at(-1)?.trim()
  throw new LeftOut(`it cannot be installed (${reason}): ${advice}`)
}
