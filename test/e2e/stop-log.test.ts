// What the log and the exit code say of a stop.
import { beforeAll, expect, test } from 'bun:test'
import { openRaw } from '../server/support/raw-client.ts'
import { type ParleyProcess, startParley } from '../support/parley-process.ts'
import { createMigratedDatabase } from '../support/shared-postgres.ts'
import { until } from '../support/until.ts'

let DATABASE_URL: string
beforeAll(async () => {
  DATABASE_URL = await createMigratedDatabase()
})

interface Line {
  readonly level: number
  readonly msg: string
  readonly [key: string]: unknown
}

function lines({ output }: ParleyProcess): Line[] {
  return output()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line))
}

function line(parley: ParleyProcess, msg: string): Line | undefined {
  return lines(parley).find((each) => each.msg === msg)
}

test('a stop is logged when it begins and when it ends', async () => {
  const parley = await startParley({ DATABASE_URL, DRAIN_DELAY_MS: '300' })
  expect(await parley.stop()).toBe(0)
  expect(line(parley, 'stopping')).toMatchObject({ level: 30, reason: 'SIGTERM', drainMs: 300 })
  const last = lines(parley).at(-1)
  expect(last).toMatchObject({ level: 30, msg: 'stopped', code: 0 })
  expect(Number(last?.ms)).toBeGreaterThanOrEqual(300)
  await parley.remove()
})

test('a stop that exceeds its deadline says so, and exits with 1', async () => {
  const parley = await startParley({ DATABASE_URL, SHUTDOWN_DEADLINE_MS: '400' })
  // Whoever sends half of a request holds up the stop for longer than that.
  const half = await openRaw(parley.url)
  half.write(
    'POST /api/v1/rooms HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{',
  )
  await until(async () => (await fetch(`${parley.url}/healthz`)).ok, 'the half to have arrived before this')
  expect(await parley.stop()).toBe(1)
  const last = lines(parley).at(-1)
  expect(last).toMatchObject({ level: 50, code: 1 })
  expect(last?.msg).toContain('SHUTDOWN_DEADLINE_MS')
  half.end()
  await parley.remove()
})

test.each(['SIGTERM', 'SIGINT'] as const)(
  'a second signal, %s, ends the process at once, with 1',
  async (signal) => {
    const parley = await startParley({ DATABASE_URL, DRAIN_DELAY_MS: '50000', SHUTDOWN_DEADLINE_MS: '60000' })
    process.kill(parley.pid, 'SIGTERM')
    await until(() => line(parley, 'stopping'), 'the stop to begin')
    process.kill(parley.pid, signal)
    const ended = await until(() => lines(parley).find(({ code }) => code === 1), 'the end')
    expect(ended.level).toBe(50)
    expect(ended.msg).toContain(`second ${signal}`)
    expect(await parley.stop()).toBe(1)
    await parley.remove()
  },
)
