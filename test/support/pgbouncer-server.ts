import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import postgres from 'postgres'
import { onFreePort } from './free-port.ts'
import { serverUser } from './postgres-server.ts'
import { findProgram } from './programs.ts'
import { openSandbox } from './sandbox/sandbox.ts'
import { type Server, startServer } from './server.ts'

export interface PgBouncerServer extends Server {
  /** The URL of a database of the Postgres behind it, by way of the pooler. */
  url(database: string): string
}

/**
 * Starts a PgBouncer of its own on loopback, in front of a Postgres that need not run yet: transaction mode and otherwise the
 * defaults of its release, as an operator has them who follows the README.
 * @param settings pgbouncer.ini parameters
 * @param user the Postgres user of all its connections, whatever user its clients name
 */
export async function startPgBouncer(
  server: { readonly port: number },
  settings: Record<string, string> = {},
  user = 'postgres',
): Promise<PgBouncerServer> {
  const program = await findProgram('pgbouncer')
  return await onFreePort(async (port) => {
    const sandbox = await openSandbox('pgbouncer', serverUser())
    const config = join(sandbox.folder, 'pgbouncer.ini')
    const url = (database: string) => `postgres://postgres@127.0.0.1:${port}/${database}`
    const lines = Object.entries({ ...DEFAULTS, ...settings, listen_port: String(port) }).map(
      ([name, value]) => `${name} = ${value}`,
    )
    const databases = `* = host=127.0.0.1 port=${server.port} user=${user}`
    await writeFile(config, ['[databases]', databases, '[pgbouncer]', ...lines, ''].join('\n'))
    const kind = {
      name: 'pgbouncer',
      stopSignal: 'SIGINT',
      launch: () => sandbox.run('pgbouncer', [program, config], {}),
      answers: () => answers(url('pgbouncer')),
    } as const
    return Object.assign(await startServer(kind, sandbox, port), { url })
  })
}

const DEFAULTS = {
  listen_addr: '127.0.0.1',
  unix_socket_dir: '',
  auth_type: 'any',
  pool_mode: 'transaction',
}

/** Returns whether its console answers, which works without a Postgres. */
async function answers(url: string): Promise<boolean> {
  const sql = postgres(url, {
    max: 1,
    connect_timeout: 1,
    prepare: false,
    fetch_types: false,
    onnotice: () => undefined,
  })
  try {
    await sql.unsafe('show version').simple()
    return true
  } catch {
    return false
  } finally {
    await sql.end({ timeout: 0 })
  }
}
