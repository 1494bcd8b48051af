import type { Turn } from '../harness/benchmark.ts'
import { amount, median, table } from '../harness/figures.ts'
import type { Promises } from './peer.ts'

/** What is shown of a server; without figures where it was left out. */
export interface Row {
  readonly name: string
  readonly version: string
  readonly promises: Promises
  /** By window, in the order of the table's: one turn or more each. */
  readonly turns: readonly (readonly Turn[])[]
}

/**
 * What each server promises beside what it costs, as lines of text.
 * @param windows messages on their way at any time; the costs are those at the last one
 * @param leftOut names, and why
 */
export function peersTable(
  rows: readonly Row[],
  windows: readonly number[],
  leftOut: readonly (readonly [string, string])[],
): string[] {
  const last = windows.at(-1)
  const head = [
    'server',
    'version',
    'stores',
    'order',
    'replay',
    'durable when acknowledged',
    ...windows.map((window) => `deliveries/s, window ${window}`),
    `CPU s per million, window ${last}`,
    'memory',
  ]
  return [
    'Medians of the rounds. The costs are of all processes of a server, but for the memory of Postgres.',
    '',
    ...table([head, ...rows.map((row) => cells(row))]),
    ...leftOut.map(([name, reason]) => `${name}: left out; ${reason}`),
  ]
}

function cells({ name, version, promises, turns }: Row): string[] {
  const costs = turns.at(-1) ?? []
  const all = (values: (turn: Turn) => number) => median(costs.map(values))
  return [
    name,
    version,
    promises.stores,
    promises.order,
    promises.replay,
    promises.durable,
    ...turns.map((each) => amount(median(each.map(({ value }) => value)))),
    all(({ cpu: { load: _, ...servers } }) => sum(servers)).toFixed(2),
    `${Math.round(all(({ memory }) => sum(memory)) / 2 ** 20)} MiB`,
  ]
}

function sum(values: Readonly<Record<string, number>>): number {
  return Object.values(values).reduce((total, value) => total + value, 0)
}
