import { afterEach, describe, expect, test } from 'bun:test'
import { closeSync, openSync } from 'node:fs'
import { guardAccepting, readOpenFiles } from '../../src/server/index.ts'
import { loggerTo } from '../support/log-lines.ts'
import { until } from '../support/until.ts'

const BOUNDS = { most: 100, enough: 90 }

let stop: () => void = () => undefined
afterEach(() => stop())

/** A port, and files of which as many are open as a test says; closing idle connections closes files. */
function start(open: number, idle: number) {
  const { log, lines } = loggerTo('info')
  const state = { open, idle, taken: false, tries: 0, accepting: true }
  const accepting = {
    get accepting() {
      return state.accepting
    },
    closeIdle() {
      state.open -= state.idle
      state.idle = 0
    },
    pause() {
      state.accepting = false
    },
    resume() {
      state.tries++
      if (state.taken) throw new Error('the port is in use')
      state.accepting = true
    },
  }
  stop = guardAccepting({ limit: 120, count: () => state.open }, BOUNDS, accepting, log)
  return { state, lines }
}

describe('when files run short', () => {
  test('idle connections are closed, and nobody is refused if that is enough', async () => {
    const { state, lines } = start(100, 30)
    await until(() => state.open === 70, 'the idle ones to be closed')
    expect([state.accepting, lines.length]).toEqual([true, 1])
  })

  test('new connections are refused if it is not, until enough files are free', async () => {
    const { state, lines } = start(110, 2)
    await until(() => !state.accepting, 'the pause')
    expect([state.open, lines.length]).toEqual([108, 1])
    state.open = 90
    await until(() => state.accepting, 'the end of the pause')
    expect([state.tries, lines.length]).toEqual([1, 1])
  })

  test('a port that another program has taken meanwhile is reported once, and retried', async () => {
    const { state, lines } = start(110, 0)
    await until(() => !state.accepting, 'the pause')
    state.taken = true
    state.open = 50
    await until(() => state.tries >= 3, 'three tries')
    expect(lines.filter((line) => line.includes('the port is in use'))).toHaveLength(1)
    state.taken = false
    await until(() => state.accepting, 'the port')
  })
})

test('open files are counted, and their limit is known', () => {
  const files = readOpenFiles()
  if (files === null) throw new Error('this system does not say')
  expect(files.limit ?? Number.POSITIVE_INFINITY).toBeGreaterThan(files.count())
  const before = files.count()
  const own = Array.from({ length: 20 }, () => openSync(import.meta.path, 'r'))
  expect(files.count()).toBeGreaterThanOrEqual(before + 20)
  for (const file of own) closeSync(file)
})
