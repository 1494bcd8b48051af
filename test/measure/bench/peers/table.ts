import type { Turn } from '../harness/benchmark.ts'
import { amount, median, table } from '../harness/figures.ts'
import type { Promises } from './peer.ts'

/** What is shown of a server; without figures where it was left out. */
export interface Row {
  readonly name: string
  readonly version: string
  readonly promises: Promises
  /** By window: one turn or more each. A server need not have been measured at each window. */
  readonly turns: ReadonlyMap<number, readonly Turn[]>
}

/**
 * What each server promises beside what it costs, as lines of text.
 * @param windows messages on their way at any time
 * @param costsAt the window at which costs are shown
 * @param leftOut names, and why
 */
export function peersTable(
  rows: readonly Row[],
  windows: readonly number[],
  costsAt: number,
  leftOut: readonly (readonly [string, string])[],
): string[] {
  const head = [
    'server',
    'version',
    'stores',
    'order',
    'replay',
    'durable when acknowledged',
    ...windows.map((window) => `deliveries/s, window ${window}`),
    `CPU s per million, window ${costsAt}`,
    'memory',
  ]
  return [
    'Medians of the rounds. The costs are of all processes of a server, but for the memory of Postgres.',
    '',
    ...table([head, ...rows.map((row) => cells(row, windows, costsAt))]),
    ...leftOut.map(([name, reason]) => `${name}: left out; ${reason}`),
  ]
}

function cells(
  { name, version, promises, turns }: Row,
  windows: readonly number[],
  costsAt: number,
): string[] {
  const costs = turns.get(costsAt) ?? []
  const all = (values: (turn: Turn) => number) => median(costs.map(values))
  return [
    name,
    version,
    promises.stores,
    promises.order,
    promises.replay,
    promises.durable,
    ...windows.map((window) => {
      const each = turns.get(window)
      return each === undefined ? '–' : amount(median(each.map(({ value }) => value)))
    }),
    all(({ cpu: { load: _, ...servers } }) => sum(servers)).toFixed(2),
    `${Math.round(all(({ memory }) => sum(memory)) / 2 ** 20)} MiB`,
  ]
}

function sum(values: Readonly<Record<string, number>>): number {
  return Object.values(values).reduce((total, value) => total + value, 0)
}
