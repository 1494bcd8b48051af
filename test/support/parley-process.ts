import { join } from 'node:path'
import { makeMigratedEmbeddedFolder } from './embedded-folder.ts'
import { openSandbox } from './sandbox/sandbox.ts'

export interface ParleyProcess {
  readonly url: string
  readonly wsUrl: string
  readonly port: number
  readonly pid: number
  /** Its data folder, which outlives the process, so that another one can be started on it. */
  readonly dataDir: string
  /** Everything that it has logged. */
  output(): string
  /** SIGTERM; resolves to the exit code. */
  stop(): Promise<number>
  /** SIGKILL; resolves once it is gone. */
  kill(): Promise<void>
  /** Freezes it with SIGSTOP: connections stay open, nothing answers. */
  pause(): Promise<void>
  resume(): Promise<void>
  /** Kills it if it runs, and deletes its temp folder now rather than at the end of the test run. */
  remove(): Promise<void>
}

/**
 * Starts the server as a separate process, on a free port of loopback, and resolves when it has logged that it is ready.
 * Without a database and a data folder it has an embedded one of its own, which has the schema and no rows.
 * @param env its settings; it inherits none, neither from the environment nor from a `.env` file
 * @param main the program to start in its place
 * @param openFiles the most files that it may have open, as `ulimit -n` sets it
 */
export async function startParley(
  env: Record<string, string> = {},
  main = MAIN,
  openFiles?: number,
): Promise<ParleyProcess> {
  const sandbox = await openSandbox('node')
  const dataDir = env.DATA_DIR ?? join(sandbox.folder, 'data')
  if (env.DATABASE_URL === undefined && env.DATA_DIR === undefined && main === MAIN)
    await makeMigratedEmbeddedFolder(dataDir)
  const program = [process.execPath, '--no-env-file', main]
  const command = openFiles === undefined ? program : withOpenFiles(openFiles, program)
  const defaults = {
    ...surroundings(),
    TMPDIR: sandbox.folder,
    HOST: '127.0.0.1',
    PORT: '0',
    DATA_DIR: dataDir,
  }
  const node = await sandbox.run('parley', command, { ...defaults, ...env })
  const port = await node
    .ready(() => readyPort(node.output()))
    .catch(async (error) => {
      await sandbox.remove()
      throw error
    })

  return {
    url: `http://127.0.0.1:${port}`,
    wsUrl: `ws://127.0.0.1:${port}`,
    port,
    pid: node.pid,
    dataDir,
    output: () => node.output(),
    stop: () => node.stop('SIGTERM'),
    kill: () => node.kill(),
    pause: () => node.pause(),
    resume: () => node.resume(),
    remove: () => sandbox.remove(),
  }
}

const MAIN = join(import.meta.dir, '../../src/main.ts')

/** The command under another limit on open files, soft and hard. */
export function withOpenFiles(limit: number, command: readonly string[]): string[] {
  return ['sh', '-c', `ulimit -n ${limit}; exec "$@"`, 'sh', ...command]
}

/** The environment that any program needs. */
function surroundings(): { HOME: string; PATH: string } {
  const { HOME = '', PATH = '' } = process.env
  return { HOME, PATH }
}

/** The port in the log line that says that the server is ready; undefined as long as there is no such line. */
function readyPort(output: string): number | undefined {
  const line = /^\{.*"msg":"ready".*\}\n/m.exec(output)
  const entry: unknown = line && JSON.parse(line[0])
  const port = typeof entry === 'object' && entry !== null && 'port' in entry ? entry.port : undefined
  return typeof port === 'number' ? port : undefined
}
