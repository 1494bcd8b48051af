// The programs that the tests need besides Bun: finds them and, as root on Debian or Ubuntu, installs what is missing.
// Run as a script, it does so for those that `bun test` needs.
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'

/** Resolves to a program's absolute path, after installing it if need be; where it can't, throws what to install. */
export async function findProgram(name: Program): Promise<string> {
  const found = await locate(name)
  if (found !== undefined) return found
  await install(name)
  const installed = await locate(name)
  if (installed === undefined)
    throw new Error(`${DEBIAN[name].package} is installed, but ${name} is not to be found`)
  return installed
}

const DEBIAN = {
  'redis-server': { package: 'redis-server', service: 'redis-server' },
  postgres: { package: 'postgresql', service: 'postgresql' },
  initdb: { package: 'postgresql', service: 'postgresql' },
  pg_basebackup: { package: 'postgresql', service: 'postgresql' },
  pgbouncer: { package: 'pgbouncer', service: 'pgbouncer' },
  haproxy: { package: 'haproxy', service: 'haproxy' },
  nginx: { package: 'nginx', service: 'nginx' },
  caddy: { package: 'caddy', service: 'caddy' },
  chromium: { package: 'chromium', service: '' },
  node: { package: 'nodejs', service: '' },
  python3: { package: 'python3-venv', service: '' },
  java: { package: 'default-jre-headless', service: '' },
  mvn: { package: 'maven', service: '' },
}

export type Program = keyof typeof DEBIAN

async function locate(name: Program): Promise<string | undefined> {
  const path = [process.env.PATH, '/usr/sbin', ...(await debianPostgresFolders())].join(':')
  return Bun.which(name, { PATH: path }) ?? undefined
}

/** Debian keeps Postgres's programs off the PATH, one folder a version; the newest first. */
async function debianPostgresFolders(): Promise<string[]> {
  const root = '/usr/lib/postgresql'
  const versions = await readdir(root).catch(() => [])
  return versions.sort((a, b) => Number(b) - Number(a)).map((version) => join(root, version, 'bin'))
}

async function install(name: Program): Promise<void> {
  const { package: debianPackage, service } = DEBIAN[name]
  if (process.getuid?.() !== 0 || !Bun.which('apt-get')) {
    throw new Error(
      `${name} is missing: install it (on Debian and Ubuntu, as root: apt-get install ${debianPackage})`,
    )
  }
  const script = join(import.meta.dir, 'install-package.sh')
  const apt = Bun.spawn(['sh', script, debianPackage, service], { stdio: ['ignore', 'pipe', 'pipe'] })
  const [code, ...output] = await Promise.all([apt.exited, apt.stdout.text(), apt.stderr.text()])
  if (code !== 0) throw new Error(`cannot install the Debian package ${debianPackage}:\n${output.join('')}`)
}

if (import.meta.main) {
  try {
    for (const name of [
      'redis-server',
      'postgres',
      'initdb',
      'haproxy',
      'nginx',
      'caddy',
      'chromium',
      'node',
      'python3',
    ] as const) {
      console.log(`${name}: ${await findProgram(name)}`)
    }
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    process.exit(1)
  }
}
