import { describe, expect, test } from 'bun:test'
import { isWell, judgeLog, printLog, readLogs } from './operator-log.ts'

const AWAY = {
  level: 50,
  code: '57P01',
  cause: 'terminating',
  msg: 'the database is unavailable: clients are asked to retry',
}
const BACK = { level: 30, msg: 'the database is available again' }
const FAULT = { name: 'a fault', from: at(10), over: at(20), outages: 1, refusals: 5 }

describe('the check of a log', () => {
  test('accepts one line per cause and one per recovery, on each node', () => {
    const lines = read([line(11, AWAY), line(21, BACK)], [line(12, AWAY), line(22, BACK)])
    expect(judgeLog(lines, [FAULT])).toEqual([])
    expect(isWell(lines)).toBe(true)
    expect(printLog(lines.slice(0, 1), [FAULT])).toBe(
      '00:00:10.000 ---- a fault\n' +
        `00:00:11.000 node 1 error ${AWAY.msg} (57P01: terminating)\n` +
        '00:00:20.000 ---- over: a fault\n',
    )
  })

  test('finds an outage without a line, a cause or an end', () => {
    expect(judgeLog(read([]), [FAULT])).toEqual(['a fault: 5 sends were refused, and no line says why'])
    const before = read([line(9, AWAY), line(12, BACK)])
    expect(judgeLog(before, [FAULT])).toEqual([])
    const open = read([line(11, { ...AWAY, code: undefined })])
    expect(isWell(open)).toBe(false)
    expect(judgeLog(open, [FAULT])).toEqual([
      'node 1 told of no code when the database went away',
      'node 1 did not tell that the database is back',
    ])
    expect(judgeLog(read([line(21, BACK)]), [])).toEqual([
      'node 1 told that the database is back, but not that it was away',
    ])
  })

  test('finds outages reported more often than they happened', () => {
    const warning = { level: 40, msg: 'a warning' }
    const lines = read([line(11, AWAY), line(21, BACK), line(22, warning), line(23, warning)])
    expect(judgeLog(lines, [FAULT])).toEqual(['a fault: node 1 logged "a warning" 2 times in 1 outages'])
    expect(judgeLog(lines, [{ ...FAULT, outages: 2 }])).toEqual([])
    expect(judgeLog(lines, [FAULT, { ...FAULT, from: at(22.5), refusals: 0 }])).toEqual([])
    expect(judgeLog(read([line(11, AWAY), line(12, AWAY), line(21, BACK)]), [FAULT])).toContain(
      'node 1 told twice that the database is away',
    )
    expect(judgeLog(read([line(11, AWAY), line(12, warning), line(21, BACK)]), [FAULT])).toEqual([
      'node 1 logged, while the database was away: a warning ',
    ])
  })

  test('assigns a recovery to its own outage, even if the next fault has begun', () => {
    const next = { ...FAULT, from: at(20), over: at(30), refusals: 0 }
    const lines = read([line(11, AWAY), line(21, BACK), line(22, AWAY), line(31, BACK)])
    expect(judgeLog(lines, [FAULT, next])).toEqual([])
    const twice = read([
      line(11, AWAY),
      line(19, BACK),
      line(22, AWAY),
      line(24, BACK),
      line(25, AWAY),
      line(31, BACK),
    ])
    expect(judgeLog(twice, [FAULT, next])).toHaveLength(2)
  })

  test('finds errors, and lines that are not log lines', () => {
    const lines = read([
      line(1, { level: 60, msg: 'an error', err: { cause: { code: '57P01' } } }),
      'Bun panicked',
    ])
    expect(judgeLog(lines, [])).toEqual([
      'node 1 logged an error: an error 57P01',
      'node 1 logged an error: Bun panicked ',
    ])
  })
})

function read(...logs: string[][]) {
  return readLogs(logs.map((log) => ({ output: () => log.map((text) => `${text}\n`).join('') })))
}

function line(seconds: number, fields: object): string {
  return JSON.stringify({ time: new Date(at(seconds)).toISOString(), ...fields })
}

function at(seconds: number): number {
  return Date.parse('2026-02-13T00:00:00.000Z') + seconds * 1000
}
