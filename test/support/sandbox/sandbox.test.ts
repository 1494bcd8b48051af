import { afterEach, describe, expect, test } from 'bun:test'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { until } from '../until.ts'
import { processState } from './process-state.ts'
import { openSandbox, type Sandbox } from './sandbox.ts'

const env = { PATH: process.env.PATH ?? '' }
const parentAndChild = ['sh', '-c', 'sleep 1000 & echo $! >child; wait']

describe('a sandbox', () => {
  let sandbox: Sandbox | undefined
  afterEach(() => sandbox?.remove())

  test('runs a program in its folder with just the given environment, and keeps its output and exit code', async () => {
    sandbox = await openSandbox('test')
    const child = await sandbox.run('one', ['sh', '-c', 'pwd; /usr/bin/env; echo bad >&2; exit 7'], {
      A: 'b c',
    })

    expect(await child.exited()).toBe(7)
    expect(child.running()).toBe(false)
    const lines = child.output().trim().split('\n')
    expect(lines).toContain(sandbox.folder)
    expect(lines.filter((line) => /^[A-Z]+=/.test(line) && !line.startsWith('PWD='))).toEqual(['A=b c'])
    expect(lines.at(-1)).toBe('bad')
  })

  test('can run a program again under the same name, with all output in one log', async () => {
    sandbox = await openSandbox('test')
    for (const word of ['first', 'second']) {
      const child = await sandbox.run('echo', ['sh', '-c', `echo ${word}`], env)
      expect(await child.exited()).toBe(0)
    }
    expect(readFileSync(join(sandbox.folder, 'echo.log'), 'utf8')).toBe('first\nsecond\n')
  })

  test('ends a program with a signal', async () => {
    sandbox = await openSandbox('test')
    const child = await sandbox.run('sleep', ['sleep', '1000'], env)
    expect(await child.stop('SIGTERM')).toBe(128 + 15)
    expect(processState(child.pid)).toBe('gone')
  })

  test('kills a program that outlives its signal, and says so', async () => {
    sandbox = await openSandbox('test')
    const child = await sandbox.run(
      'deaf',
      ['sh', '-c', 'trap "" TERM; echo ready; while :; do sleep 1000; done'],
      env,
    )
    await child.ready(() => child.output().includes('ready'))
    await expect(child.stop('SIGTERM', 50)).rejects.toThrow(/outlived SIGTERM by 50 ms:\nready/)
    await child.exited()
    await until(() => processState(child.pid) === 'gone', 'its end')
  })

  test('kills a program with its children, even while all of them are stopped', async () => {
    sandbox = await openSandbox('test')
    const parent = await sandbox.run('parent', parentAndChild, env)
    const child = await childOf(sandbox.folder)

    await parent.pause()
    expect([parent.pid, child].map(processState)).toEqual(['stopped', 'stopped'])
    await parent.resume()
    await until(() => processState(child) === 'running', 'the child to go on')
    await parent.pause()
    await parent.kill()
    expect([parent.pid, child].map(processState)).toEqual(['gone', 'gone'])
  })

  test('reports the output of a program that ends before it is ready', async () => {
    sandbox = await openSandbox('test')
    const child = await sandbox.run('short', ['sh', '-c', 'echo the reason'], env)
    await expect(child.ready(() => false)).rejects.toThrow(/ended too soon:\nthe reason/)
    await child.exited()
  })

  test('removes its processes and its folder', async () => {
    sandbox = await openSandbox('test')
    const parent = await sandbox.run('parent', parentAndChild, env)
    const child = await childOf(sandbox.folder)
    await sandbox.remove()
    expect(existsSync(sandbox.folder)).toBe(false)
    await until(() => [parent.pid, child].every((pid) => processState(pid) === 'gone'), 'the end of both')
  })

  test.each(['SIGKILL', 'SIGTERM', 'SIGINT'] as const)(
    'ends when its starter is ended by %s',
    async (signal) => {
      const starter = Bun.spawn([process.execPath, join(import.meta.dir, '../fixtures/open-sandbox.ts')], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const { folder, pid } = await firstLine(starter.stdout)
      const child = await childOf(folder)
      expect([pid, child].map(processState)).toEqual(['running', 'running'])

      starter.kill(signal)
      await until(() => [pid, child].every((id) => processState(id) === 'gone'), 'the end of both')
      await until(() => !existsSync(folder), 'the end of the folder')
    },
  )
})

async function childOf(folder: string): Promise<number> {
  const file = join(folder, 'child')
  return Number(await until(() => existsSync(file) && readFileSync(file, 'utf8').trim(), file))
}

async function firstLine(stdout: ReadableStream<Uint8Array>): Promise<{ folder: string; pid: number }> {
  for await (const chunk of stdout) return JSON.parse(new TextDecoder().decode(chunk))
  throw new Error('the starter printed nothing')
}
