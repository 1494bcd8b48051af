import { expect, test } from 'bun:test'
import type { Benchmark, Comparison, Turn } from './benchmark.ts'
import { printed } from './print.ts'
import { report } from './report.ts'

const turn = (value: number, load: number): Turn => ({
  value,
  cpu: { server: 1, load },
  memory: { server: 2 ** 20 },
  elsewhere: 0,
})

const comparison: Comparison = {
  name: 'fan',
  unit: 'ms',
  by: 'ratio',
  target: { most: 3, worst: 5 },
  counted: 'deliveries',
  sides: ['Parley', 'limit'],
  parley: [turn(2, 3), turn(8, 3), turn(3, 3)],
  limit: [turn(1, 0.1), turn(1, 0.1), turn(1, 0.1)],
}

function print(comparisons: Comparison[]): string[] {
  const benchmark: Benchmark = { name: 'some', title: 'of it', run: () => Promise.resolve(comparisons) }
  return printed(report(benchmark, new Date(0), { rounds: 3, seconds: 1 }, comparisons)).split('\n')
}

const NOTE =
  "* The load took 20 % of the CPU or more on one of the sides: the figure depends on the load's own cost."

test('a row has the median, the spread with the worst round, both targets, and whether it depends on the load', () => {
  const lines = print([comparison])
  const row = lines.find((line) => line.startsWith('fan '))
  expect(row?.split(/ {2,}/)).toEqual([
    ...['fan', '3.00', '2.00 to 8.00', '≤ 3.00, worst ≤ 5.00'],
    ...['Parley 3.00 ms', 'limit 1.00 ms', '75 % / 9 % *'],
  ])
  expect(lines).toContain(NOTE)
})

test('a row is silent about a load that costs little, or that nobody measured', () => {
  const cheap = { ...comparison, parley: comparison.limit }
  const unmeasured = {
    ...comparison,
    name: 'un',
    parley: [{ ...turn(1, 0), cpu: {} }],
    limit: [{ ...turn(1, 0), cpu: {} }],
  }
  const lines = print([cheap, unmeasured])
  expect(lines.find((line) => line.startsWith('fan '))).toEndWith('9 % / 9 %')
  expect(lines.find((line) => line.startsWith('un '))).toEndWith('limit 1.00 ms')
  expect(lines).not.toContain(NOTE)
})

test('a histogram has the buckets between the first and the last that hold anything', () => {
  const histogram = { upTo: [1, 2, 5, 10], parley: [0, 3, 0, 0, 1], limit: [0, 4, 0, 0, 0] }
  const lines = print([{ ...comparison, histogram }])
  const at = lines.indexOf('fan: how many took so long')
  expect(lines.slice(at + 1, at + 7).map((line) => line.split(/ {2,}/))).toEqual([
    ['', 'Parley', 'limit'],
    ['≤ 2 ms', '3', '75.00 %', '4', '100.00 %'],
    ['≤ 5 ms', '0', '0.00 %', '0', '0.00 %'],
    ['≤ 10 ms', '0', '0.00 %', '0', '0.00 %'],
    ['> 10 ms', '1', '25.00 %', '0', '0.00 %'],
    [''],
  ])
})
