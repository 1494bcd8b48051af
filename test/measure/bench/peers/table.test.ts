import { expect, test } from 'bun:test'
import { peersTable } from './table.ts'

const promises = { stores: 'nothing', order: 'none', replay: 'no', durable: 'no' }

test('the table has the medians, with all processes of a server summed, and the servers left out', () => {
  const turn = (value: number, server: number) => ({
    value,
    cpu: { server, Redis: 1, load: 100 },
    memory: { server: 2 * 2 ** 20, Redis: 2 ** 20 },
    elsewhere: 0,
  })
  const turns = new Map([
    [32, [turn(100, 1)]],
    [256, [turn(300, 4), turn(200, 2), turn(900, 8)]],
  ])
  const lines = peersTable([{ name: 'one', version: '1.2.3', promises, turns }], [32, 256, 1024], 256, [
    ['two', 'install it'],
  ])
  const row = lines.find((line) => line.startsWith('one'))
  expect(row?.split(/ {2,}/)).toEqual([
    'one',
    '1.2.3',
    ...Object.values(promises),
    ...['100', '300', '–', '5.00', '3 MiB'],
  ])
  expect(lines.at(-1)).toBe('two: left out; install it')
})
