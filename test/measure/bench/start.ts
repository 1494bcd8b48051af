import { join } from 'node:path'
import { onFreePort } from '../../support/free-port.ts'
import { type ParleyProcess, startParley } from '../../support/parley-process.ts'
import { startPostgres } from '../../support/postgres-server.ts'
import { openSandbox } from '../../support/sandbox/sandbox.ts'
import type { SandboxProcess } from '../../support/sandbox/sandbox-process.ts'
import type { Benchmark, Comparison, Turn } from './harness/benchmark.ts'
import { cpuSeconds, machineSeconds } from './harness/processes.ts'
import { content, createRoom, createUser, RATES } from './load/setup.ts'

const MESSAGES = 20_000
const AT_ONCE = 200
const PATIENCE_MS = 30_000
const PAUSE_MS = 2

/** In milliseconds, from the start of the process to the first page of history. */
const MOST = { Postgres: 1000, embedded: 2000 }

/** A server that has been before, and is to be started again. */
interface Past {
  readonly env: Record<string, string>
  /** Of the first page of a room's history. */
  readonly page: string
  readonly token: string
}

interface Started {
  /** Milliseconds until it said that it is ready to serve, and until it gave a page of history. */
  readonly ready: number
  readonly page: number
  /** Of the process, in milliseconds, until then. */
  readonly cpuMs: number
  readonly elsewhere: number
}

export const start: Benchmark = {
  name: 'start',
  title: `from the start of a process to its first answers, with ${MESSAGES} messages there already, after an orderly end and after SIGKILL`,
  async run({ rounds }) {
    const comparisons: Comparison[] = []
    for (const database of ['Postgres', 'embedded'] as const) {
      const past = await makePast(database === 'Postgres')
      const found = { SIGTERM: [] as Started[], SIGKILL: [] as Started[], bare: [] as Started[] }
      for (let round = 0; round < rounds; round++) {
        // How the last one ended is how this one begins.
        found.SIGTERM.push(await startAgain(past, MAIN, 'SIGKILL'))
        found.SIGKILL.push(await startAgain(past, MAIN, 'SIGTERM'))
        found.bare.push(await startAgain({ ...past, page: '/' }, BARE, 'SIGTERM'))
      }
      const { SIGTERM, SIGKILL, bare } = found
      comparisons.push(
        sinceStart(`${database}: ready`, null, SIGTERM, ({ ready }) => ready),
        sinceStart(`${database}: first page`, MOST[database], SIGTERM, ({ page }) => page),
        sinceStart(`${database}: first page after SIGKILL`, MOST[database], SIGKILL, ({ page }) => page),
        cpu(database, SIGTERM, bare),
      )
    }
    return comparisons
  },
}

async function makePast(onPostgres: boolean): Promise<Past> {
  const postgres = onPostgres ? await startPostgres() : null
  const sandbox = await openSandbox('past')
  const env: Record<string, string> = {
    ...RATES,
    DATA_DIR: join(sandbox.folder, 'data'),
    ...(postgres === null ? {} : { DATABASE_URL: await postgres.createDatabase() }),
  }
  const server = await startParley(env)
  const user = await createUser(server, 0)
  const room = await createRoom(server, user)
  await say(server, Number(room), user.token)
  await server.stop()
  await server.remove()
  return { env, page: `/api/v1/rooms/${room}/messages?limit=50`, token: user.token }
}

/** Some at once, over one socket. */
async function say(server: ParleyProcess, room: number, token: string): Promise<void> {
  const socket = new WebSocket(`${server.wsUrl}/api/v2/socket?token=${token}`)
  const done = Promise.withResolvers<void>()
  let sent = 0
  let answered = 0
  const send = () =>
    socket.send(JSON.stringify({ type: 'send', id: ++sent, room, body: content(String(sent)) }))
  socket.onopen = () => {
    while (sent < AT_ONCE) send()
  }
  socket.onmessage = ({ data }) => {
    if (String(data).startsWith('{"type":"error"')) done.reject(new Error(String(data)))
    if (!String(data).startsWith('{"type":"result"')) return
    if (++answered === MESSAGES) done.resolve()
    else if (sent < MESSAGES) send()
  }
  socket.onclose = ({ code }) => done.reject(new Error(`the server closed the connection with ${code}`))
  await done.promise
  socket.close()
}

/** @param end how the process ends afterwards */
function startAgain(past: Past, main: string, end: 'SIGTERM' | 'SIGKILL'): Promise<Started> {
  return onFreePort(async (port) => {
    const sandbox = await openSandbox('start')
    const { HOME = '', PATH = '' } = process.env
    const env = { HOME, PATH, TMPDIR: sandbox.folder, HOST: '127.0.0.1', ...past.env, PORT: String(port) }
    const [machine, began] = [machineSeconds(), performance.now()]
    const server = await sandbox.run('parley', [process.execPath, '--no-env-file', main], env)
    const url = `http://127.0.0.1:${port}`
    const ready = await answered(server, `${url}/readyz`, past.token, began)
    const page = await answered(server, `${url}${past.page}`, past.token, began)
    const used = cpuSeconds(server.pid)
    const elsewhere = shareElsewhere(machine, used)
    if (end === 'SIGKILL') await server.kill()
    else await server.stop(end)
    await sandbox.remove()
    return { ready, page, cpuMs: used * 1000, elsewhere }
  })
}

/** @returns after how many milliseconds it has answered with 200 */
async function answered(server: SandboxProcess, url: string, token: string, began: number): Promise<number> {
  for (;;) {
    const answer = await fetch(url, { headers: { authorization: `Bearer ${token}` } }).catch(() => null)
    await answer?.arrayBuffer()
    const took = performance.now() - began
    if (answer?.status === 200) return took
    if (!server.running() || took > PATIENCE_MS) throw new Error(`no answer from ${url}:\n${server.output()}`)
    await Bun.sleep(PAUSE_MS)
  }
}

/** The share of the machine that went to other processes since then. */
function shareElsewhere(before: ReturnType<typeof machineSeconds>, own: number): number {
  const machine = machineSeconds()
  const share = (machine.used - before.used - own) / (machine.existed - before.existed)
  return Math.max(0, share)
}

function sinceStart(
  name: string,
  most: number | null,
  found: readonly Started[],
  of: (started: Started) => number,
): Comparison {
  return {
    name,
    unit: 'ms',
    by: 'difference',
    target: most === null ? null : { most },
    counted: '',
    sides: ['answered', 'started'],
    parley: found.map((started) => ({ ...brief(started), value: of(started) })),
    limit: found.map((started) => ({ ...brief(started), value: 0 })),
  }
}

/** Which other programs on the machine do not lengthen. */
function cpu(database: string, parley: readonly Started[], bare: readonly Started[]): Comparison {
  const turns = (found: readonly Started[]) =>
    found.map((started) => ({ ...brief(started), value: started.cpuMs }))
  return {
    name: `${database}: CPU until the first page`,
    unit: 'ms',
    by: 'difference',
    target: null,
    counted: '',
    sides: ['Parley', 'bare'],
    parley: turns(parley),
    limit: turns(bare),
  }
}

function brief({ elsewhere }: Started): Omit<Turn, 'value'> {
  return { cpu: {}, memory: {}, elsewhere }
}

const MAIN = join(import.meta.dir, '../../../src/main.ts')
/** Started and answered alike, and does nothing else. */
const BARE = join(import.meta.dir, 'limits/bare-answer.ts')
