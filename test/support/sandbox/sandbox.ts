// A temp folder and the processes that run in it. They end and it goes when this process ends, however it ends:
// a guard, which outlives this process by a moment, sees its standard input close and clears up.
import { chown, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type SandboxProcess, sandboxProcess } from './sandbox-process.ts'

export interface Sandbox {
  readonly folder: string
  /**
   * Starts a program with exactly `env` as its environment. A name can be used again once its process has ended.
   * Bun ends what a test started when that test times out; processes started here are exempt, so that one slow test
   * doesn't take a server from all others.
   */
  run(name: string, command: readonly string[], env: Record<string, string>): Promise<SandboxProcess>
  /** Kills what still runs and deletes the folder. */
  remove(): Promise<void>
}

/** @param owner the user who is to own the folder and run the programs; without it, the current one */
export async function openSandbox(label: string, owner?: Owner): Promise<Sandbox> {
  // Another user may have no access to this one's temp folder.
  const folder = await mkdtemp(join(owner ? '/tmp' : tmpdir(), `parley-${label}-`))
  const guard = Bun.spawn(['sh', join(import.meta.dir, 'guard.sh'), folder], {
    stdio: ['pipe', 'ignore', 'ignore'],
    // In a session of its own, so that neither Ctrl-C nor a kill of the whole process group reaches it.
    detached: true,
  })
  guard.unref()
  if (owner) await chown(folder, owner.uid, owner.gid)

  return {
    folder,
    run: (name, command, env) => launch(join(folder, name), command, env, owner),
    remove: async () => {
      // Whoever waits for it is not to end before it has.
      guard.ref()
      await guard.stdin.end()
      await guard.exited
    },
  }
}

/** Runs something with a sandbox of its own, which is gone afterwards however it ended. */
export async function inSandbox(run: (sandbox: Sandbox) => Promise<void>): Promise<void> {
  const sandbox = await openSandbox('client')
  await run(sandbox).finally(() => sandbox.remove())
}

async function launch(
  base: string,
  command: readonly string[],
  env: Record<string, string>,
  owner: Owner | undefined,
): Promise<SandboxProcess> {
  // Handed over as text, since the owner may have no access to the folder that this copy of the project is in.
  const script = await Bun.file(join(import.meta.dir, 'launch.sh')).text()
  const launcher = Bun.spawn(['sh', '-c', script, 'launch.sh', base, ...command], {
    cwd: join(base, '..'),
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
    ...owner,
  })
  const [code, errors] = await Promise.all([launcher.exited, launcher.stderr.text()])
  if (code !== 0) throw new Error(`cannot start ${command[0]}: ${errors}`)
  return await sandboxProcess(base)
}

export interface Owner {
  uid: number
  gid: number
}
