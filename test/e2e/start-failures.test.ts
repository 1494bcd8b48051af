// Each wrong setting, and each wrong condition of the environment, stops the start with one line that begins with the
// variable concerned.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { chmod, chown, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import { generate } from 'selfsigned'
import { withOpenFiles } from '../support/parley-process.ts'
import { type PostgresServer, startPostgres } from '../support/postgres-server.ts'
import { type RedisClusterServers, startRedisCluster } from '../support/redis-cluster.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'
import { createMigratedDatabase, sharedPostgres } from '../support/shared-postgres.ts'
import { refusal } from './refusal.ts'

let server: PostgresServer
let folder: string

beforeAll(async () => {
  server = await sharedPostgres()
  folder = await mkdtemp(join(tmpdir(), 'parley-start-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function expectLine(settings: Record<string, string>, line: RegExp): Promise<void> {
  const said = await refusal(settings)
  expect(said).toMatch(line)
  expect(said).not.toContain(SECRET)
}

const SECRET = 'pa55word'

describe('TLS', () => {
  let settings: Record<string, string>
  beforeAll(async () => {
    const [one, other] = await Promise.all(['localhost', 'example.org'].map(makeCertificate))
    if (one === undefined || other === undefined) throw new Error('there are no certificates')
    const files = { 'cert.pem': one.cert, 'key.pem': one.private, 'other-key.pem': other.private }
    for (const [name, text] of Object.entries({ ...files, 'junk.pem': 'junk' }))
      await writeFile(join(folder, name), text)
    settings = {
      DATABASE_URL: await createMigratedDatabase(),
      TLS_PORT: '0',
      TLS_CERT_FILE: join(folder, 'cert.pem'),
      TLS_KEY_FILE: join(folder, 'key.pem'),
    }
  })

  test.each([
    ['TLS_CERT_FILE', 'nowhere.pem', /TLS_CERT_FILE: the file \S+nowhere\.pem cannot be read \(ENOENT\)$/],
    ['TLS_KEY_FILE', 'nowhere.pem', /TLS_KEY_FILE: the file \S+nowhere\.pem cannot be read \(ENOENT\)$/],
    ['TLS_CERT_FILE', '.', /TLS_CERT_FILE: the file \S+ cannot be read \(EISDIR\)$/],
    ['TLS_CERT_FILE', 'junk.pem', /TLS_CERT_FILE: the file \S+junk\.pem contains no certificate in PEM$/],
    ['TLS_CERT_FILE', 'key.pem', /TLS_CERT_FILE: the file \S+key\.pem contains no certificate in PEM$/],
    ['TLS_KEY_FILE', 'junk.pem', /TLS_KEY_FILE: the file \S+junk\.pem contains no private key in PEM/],
    [
      'TLS_KEY_FILE',
      'other-key.pem',
      /TLS_KEY_FILE: the key in \S+other-key\.pem does not belong to the certificate in \S+cert\.pem \(TLS_CERT_FILE\)$/,
    ],
  ])('%s=%s', async (variable, file, line) => {
    await expectLine({ ...settings, [variable]: join(folder, file) }, line)
  })

  test('a TLS port that is taken', async () => {
    const TLS_PORT = String(server.port)
    await expectLine(
      { ...settings, TLS_PORT },
      new RegExp(`^parley: TLS_PORT: .*${TLS_PORT}.*in use.*EADDRINUSE`),
    )
  })
})

describe('the address to listen on', () => {
  test('a port that is taken', async () => {
    const [DATABASE_URL, PORT] = [await createMigratedDatabase(), String(server.port)]
    await expectLine(
      { DATABASE_URL, PORT },
      new RegExp(`^parley: PORT: .*127\\.0\\.0\\.1.*${PORT}.*in use.*EADDRINUSE`),
    )
  })

  test.each(['192.0.2.1', 'nowhere.invalid'])(
    'HOST=%s, which is not an address of this machine',
    async (HOST) => {
      const DATABASE_URL = await createMigratedDatabase()
      await expectLine({ DATABASE_URL, HOST }, new RegExp(`^parley: HOST: .*${HOST.replaceAll('.', '\\.')}`))
    },
  )
})

describe('DATABASE_URL', () => {
  test.each([
    ['no server', 'postgres://ann:pa55word@127.0.0.1:1/parley', /127\.0\.0\.1:1.*ECONNREFUSED/],
    ['no such host', 'postgres://ann:pa55word@nowhere.invalid/parley', /nowhere\.invalid.*ENOTFOUND/],
  ])('%s', async (_, DATABASE_URL, line) => {
    const settings = { DATABASE_URL, DATABASE_START_DEADLINE_MS: '0' }
    await expectLine(settings, new RegExp(`^parley: DATABASE_URL: .*${line.source}`))
  })

  test('no such database', async () => {
    const line = /^parley: DATABASE_URL: .*database "nowhere" does not exist.*3D000/
    await expectLine({ DATABASE_URL: server.url('nowhere') }, line)
  })

  test('a user without permission to create tables', async () => {
    const url = new URL(await server.createDatabase())
    const name = `reader_${crypto.randomUUID().slice(0, 8)}`
    const sql = postgres(url.href, { max: 1 })
    await sql.unsafe(`create role ${name} login`)
    await sql.end()
    url.username = name
    await expectLine({ DATABASE_URL: url.href }, /^parley: DATABASE_URL: .*permission denied.*42501/)
  })

  test('a wrong password', async () => {
    const own = await startPostgres()
    const sql = postgres(own.url('postgres'), { max: 1 })
    await sql`create role ann login password 'right'`
    const [{ file = '' } = {}] = await sql<{ file: string }[]>`select current_setting('hba_file') as file`
    await writeFile(file, 'host all all 127.0.0.1/32 scram-sha-256\n')
    await sql`select pg_reload_conf()`
    await sql.end()
    const url = new URL(own.url('postgres'))
    url.username = 'ann'
    url.password = SECRET
    await expectLine({ DATABASE_URL: url.href }, /^parley: DATABASE_URL: .*password .*"ann".*28P01/)
    await own.remove()
  })

  test("another program's tables, and an older schema", async () => {
    const [other, empty] = [await server.createDatabase(), await server.createDatabase()]
    const sql = postgres(other, { max: 1 })
    await sql`create table something (a int)`
    await sql.end()
    await expectLine({ DATABASE_URL: other }, /^parley: DATABASE_URL: .*of another program/)
    const production = { NODE_ENV: 'production', HOST: '127.0.0.1' }
    await expectLine({ DATABASE_URL: empty, ...production }, /^parley: DATABASE_URL: .*bun run migrate/)
  })

  test('migrating says the same', async () => {
    const DATABASE_URL = server.url('nowhere')
    expect(await refusal({ DATABASE_URL }, 'migrate.ts')).toMatch(/^DATABASE_URL: .*3D000/)
  })
})

describe('REDIS_URL', () => {
  let redis: RedisServer
  let redisCluster: RedisClusterServers
  let DATABASE_URL: string
  beforeAll(async () => {
    ;[redis, redisCluster] = await Promise.all([startRedis({ requirepass: 'right' }), startRedisCluster()])
    DATABASE_URL = await createMigratedDatabase()
  })
  afterAll(() => Promise.all([redis.remove(), redisCluster.remove()]))

  test.each([
    ['a wrong password', (url: string) => url.replace('right', SECRET), /WRONGPASS/],
    ['no password', (url: string) => url.replace(':right@', ''), /NOAUTH/],
    ['a database that there is not', (url: string) => `${url}/99`, /DB index is out of range/],
    [
      'a Redis Cluster that is none',
      (url: string) => url.replace('redis:', 'redis+cluster:'),
      /not part of a Redis Cluster/,
    ],
    [
      'a Sentinel that is none',
      (url: string) => `${url.replace('redis:', 'redis+sentinel:')}/mymaster`,
      /no Sentinel/,
    ],
  ])('%s', async (_, change, line) => {
    const settings = { DATABASE_URL, REDIS_URL: change(redis.url) }
    await expectLine(settings, new RegExp(`^parley: REDIS_URL: .*${line.source}`))
  })

  test('each node of a Redis Cluster given as a single server', async () => {
    const nodes = redisCluster.url.replace('redis+cluster://', '').split(',')
    for (const node of nodes)
      await expectLine(
        { DATABASE_URL, REDIS_URL: `redis://${node}` },
        /^parley: REDIS_URL: .*redis\+cluster:/,
      )
  })
})

describe('DATA_DIR', () => {
  test('a file', async () => {
    const file = join(folder, 'file')
    await writeFile(file, '')
    const line = /^parley: DATA_DIR: \S+file is not a folder/
    await expectLine({ DATA_DIR: file }, line)
    await expectLine({ DATA_DIR: join(file, 'below') }, line)
    const DATABASE_URL = await createMigratedDatabase()
    await expectLine({ DATA_DIR: file, DATABASE_URL, TLS_SELF_SIGNED: 'true' }, line)
  })

  test.each([
    ['itself', '.'],
    ['to be made', 'below'],
  ])("a folder of another user's, %s", async (_, path) => {
    const foreign = await foreignFolder()
    const said = await refusal({ DATA_DIR: join(foreign, path) }, 'main.ts', withoutOverride)
    // What, whose, as whom, and what to do.
    expect(said).toMatch(/^parley: DATA_DIR: \S+ cannot be written: .* uid \d+.* uid \d+.*EACCES.*chown/)
  })

  test("a file in it that is another user's", async () => {
    const own = await mkdtemp(join(folder, 'own-'))
    await writeFile(join(own, 'lock.sqlite'), '')
    await lock(join(own, 'lock.sqlite'))
    const said = await refusal({ DATA_DIR: own }, 'main.ts', withoutOverride)
    expect(said).toMatch(/^parley: DATA_DIR: \S+lock\.sqlite cannot be written: .* uid \d+.*EACCES.*chown/)
  })

  test('a disk that fills up during the first start', async () => {
    const mount = await mkdtemp(join(folder, 'disk-'))
    const said = await refusal({ DATA_DIR: join(mount, 'data') }, 'main.ts', (command) =>
      onSmallDisk(mount, command),
    )
    expect(said).toMatch(
      /^parley: DATA_DIR: the embedded database in \S+ could not start: .*disk is full \(ENOSPC\)/,
    )
  })
})

test('a default room with a name that no room may have', async () => {
  const DATABASE_URL = await createMigratedDatabase()
  const line = /^parley: DEFAULT_ROOM: .*invisible/
  await expectLine({ DATABASE_URL, DEFAULT_ROOM: 'lob\u200bby' }, line)
})

test("a default room whose name looks like another public room's", async () => {
  const DATABASE_URL = await createMigratedDatabase()
  expect(await refusal({ DATABASE_URL, PORT: String(server.port) })).toContain('EADDRINUSE')
  const sql = postgres(DATABASE_URL, { max: 1 })
  // With a Cyrillic o.
  await sql`update rooms set name = 'lоbby', name_key = 'lоbby'`
  await sql.end()
  await expectLine({ DATABASE_URL }, /^parley: DEFAULT_ROOM: .*lobby.*already exists/)
})

test('a base path below which a path could be two routes', async () => {
  const DATABASE_URL = await createMigratedDatabase()
  await expectLine(
    { DATABASE_URL, BASE_PATH: '/chat/rooms' },
    /^parley: BASE_PATH: \/chat\/rooms\/\S+ is both /,
  )
})

test('a limit on open files that leaves none for clients', async () => {
  const DATABASE_URL = await createMigratedDatabase()
  const said = await refusal({ DATABASE_URL }, 'main.ts', (command) => withOpenFiles(50, command))
  expect(said).toMatch(/^parley: ulimit -n: .*50/)
})

async function makeCertificate(name: string) {
  return await generate([{ name: 'commonName', value: name }], { keyType: 'ec' })
}

const NOBODY = 65_534
const isRoot = process.getuid?.() === 0

/** A folder that is another user's, or for an ordinary user one that may not be written. */
async function foreignFolder(): Promise<string> {
  const path = join(folder, `foreign-${crypto.randomUUID()}`)
  await mkdir(path)
  await lock(path)
  return path
}

async function lock(path: string): Promise<void> {
  await chmod(path, 0o555)
  if (isRoot) await chown(path, NOBODY, NOBODY)
}

/** Root may write everywhere, unless it has given that up. */
function withoutOverride(command: readonly string[]): string[] {
  return isRoot ? ['setpriv', '--bounding-set=-dac_override', ...command] : [...command]
}

/** Runs a command with this folder mounted as a disk of 30 MB. */
function onSmallDisk(path: string, command: readonly string[]): string[] {
  const script = 'mount -t tmpfs -o size=30m none "$0" && exec "$@"'
  const user = isRoot ? [] : ['--user', '--map-root-user']
  return ['unshare', ...user, '--mount', 'sh', '-c', script, path, ...command]
}
