import { randomBytes } from 'node:crypto'
import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import postgres from 'postgres'
import { onFreePort } from './free-port.ts'
import { findProgram } from './programs.ts'
import { type Owner, openSandbox, type Sandbox } from './sandbox/sandbox.ts'
import { type Server, startServer } from './server.ts'

export interface PostgresServer extends Server {
  url(database: string): string
  /** Resolves to the URL of a new database: an empty one, or a copy of the one of that name, which nobody may use meanwhile. */
  createDatabase(template?: string): Promise<string>
  /** Copies the data folder as it is now, as `pg_basebackup` does beside a server that runs. */
  backUp(): Promise<Backup>
  /**
   * Starts a standby, which follows this server's log and is read-only until it is promoted. Commits wait for it only if
   * `synchronous_standby_names` says so; its application name is `standby`.
   */
  startStandby(settings?: Record<string, string>): Promise<PostgresServer>
}

export interface Backup {
  /**
   * Puts the copy in the data folder's place: what was written since is lost. The server must not run. Once only.
   */
  restore(): Promise<void>
}

/**
 * Starts a Postgres of its own on loopback, as durable as in production: `fsync` and `synchronous_commit` stay on.
 * @param settings postgresql.conf parameters
 */
export function startPostgres(settings: Record<string, string> = {}): Promise<PostgresServer> {
  return startOn(settings, initialize)
}

/** @param fill makes the data folder */
async function startOn(
  settings: Record<string, string>,
  fill: (sandbox: Sandbox, data: string) => Promise<void>,
): Promise<PostgresServer> {
  const program = await findProgram('postgres')
  return await onFreePort(async (port) => {
    const sandbox = await openSandbox('postgres', serverUser())
    const data = join(sandbox.folder, 'data')
    const url = (database: string) => `postgres://postgres@127.0.0.1:${port}/${database}`
    const flags = Object.entries({ ...DEFAULTS, ...settings, port: String(port) }).flatMap(toFlag)
    const kind = {
      name: 'postgres',
      stopSignal: 'SIGINT',
      launch: () => sandbox.run('postgres', [program, '-D', data, ...flags], ENVIRONMENT),
      answers: () => servesFolder(url('postgres'), data),
    } as const

    await fill(sandbox, data).catch(async (error) => {
      await sandbox.remove()
      throw error
    })
    const server = await startServer(kind, sandbox, port)
    return Object.assign(server, {
      url,
      createDatabase: (template = 'template1') => createDatabase(url, template),
      async backUp() {
        const copy = join(sandbox.folder, `copy-${randomBytes(4).toString('hex')}`)
        await copyData(sandbox, port, copy)
        return {
          async restore() {
            await rm(data, { recursive: true })
            await rename(copy, data)
          },
        }
      },
      startStandby: (more = {}) =>
        startOn({ ...settings, ...more }, (sandbox, data) =>
          copyData(sandbox, port, data, '--write-recovery-conf'),
        ),
    })
  })
}

const DEFAULTS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  // In the data folder, with which it is removed; shared memory would outlive a killed server.
  dynamic_shared_memory_type: 'mmap',
}
const ENVIRONMENT = { LC_ALL: 'C', TZ: 'UTC' }

function toFlag([name, value]: [string, string]): string[] {
  return ['-c', `${name}=${value}`]
}

/** Postgres refuses to run as root; Debian's package comes with a user for it. */
export function serverUser(): Owner | undefined {
  if (process.getuid?.() !== 0) return undefined
  const [uid, gid] = ['-u', '-g'].map((flag) => {
    const id = Bun.spawnSync(['id', flag, 'postgres'])
    if (id.exitCode !== 0)
      throw new Error('Postgres does not run as root, and there is no user named postgres')
    return Number(id.stdout.toString())
  })
  return uid === undefined || gid === undefined ? undefined : { uid, gid }
}

/** Copies a new data folder, which takes a fifth of the time that making one does. */
async function initialize(sandbox: Sandbox, data: string): Promise<void> {
  newFolder ??= initdb()
  const copy = await sandbox.run('cp', ['cp', '-Rp', await newFolder, data], ENVIRONMENT)
  if ((await copy.exited(60_000)) !== 0) throw new Error(`cp failed:\n${copy.output()}`)
}

// Held by the module: it goes with the process, as its sandbox does.
let newFolder: Promise<string> | undefined

async function initdb(): Promise<string> {
  const program = await findProgram('initdb')
  const sandbox = await openSandbox('postgres', serverUser())
  const data = join(sandbox.folder, 'data')
  const flags = ['--auth=trust', '--username=postgres', '--encoding=UTF8', '--locale=C', '--no-sync']
  const initdb = await sandbox.run('initdb', [program, '-D', data, ...flags], ENVIRONMENT)
  if ((await initdb.exited(60_000)) !== 0) throw new Error(`initdb failed:\n${initdb.output()}`)
  return data
}

/** @param more further flags of pg_basebackup */
async function copyData(sandbox: Sandbox, port: number, to: string, ...more: string[]): Promise<void> {
  const program = await findProgram('pg_basebackup')
  const from = `host=127.0.0.1 port=${port} user=postgres application_name=standby`
  const flags = ['-d', from, '-D', to, '--checkpoint=fast', '--wal-method=stream', '--no-sync', ...more]
  const copy = await sandbox.run('pg_basebackup', [program, ...flags], ENVIRONMENT)
  if ((await copy.exited(60_000)) !== 0) throw new Error(`pg_basebackup failed:\n${copy.output()}`)
}

async function servesFolder(url: string, folder: string): Promise<boolean> {
  const sql = postgres(url, { max: 1, connect_timeout: 1, onnotice: () => undefined })
  try {
    const [row] = await sql`select current_setting('data_directory') as folder`
    return row?.folder === folder
  } catch {
    return false
  } finally {
    await sql.end({ timeout: 0 })
  }
}

async function createDatabase(url: (database: string) => string, template: string): Promise<string> {
  const name = `test_${randomBytes(6).toString('hex')}`
  const sql = postgres(url('postgres'), { max: 1 })
  try {
    await sql`create database ${sql(name)} template ${sql(template)}`
  } finally {
    await sql.end()
  }
  return url(name)
}
