/* Reads and prints k6's summary. */
import { type Static, Type } from '@sinclair/typebox'
import { amount, table } from '../../bench/harness/figures.ts'

export const Summary = Type.Object({
  metrics: Type.Record(
    Type.String(),
    Type.Object({
      type: Type.String(),
      values: Type.Record(Type.String(), Type.Number()),
      thresholds: Type.Optional(Type.Record(Type.String(), Type.Object({ ok: Type.Boolean() }))),
    }),
  ),
})
export type Summary = Static<typeof Summary>

/** Returns lines for the scripts' own figures and for all figures with a threshold. */
export function shown({ metrics }: Summary): string[] {
  const rows = Object.entries(metrics)
    .filter(([name, { thresholds }]) => thresholds !== undefined || !BUILT_IN.test(name))
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([name, { type, values, thresholds = {} }]) => {
      const held = Object.values(thresholds).map(({ ok }) => ok)
      const verdict = held.length === 0 ? '' : held.every(Boolean) ? 'ok' : 'NO'
      return [`  ${verdict}`, name, figuresOf(type, values), Object.keys(thresholds).sort().join(', ')]
    })
  return table([['  ', 'figure', '', 'must be'], ...rows])
}

/** k6 counts many other things by itself. */
const BUILT_IN = /^(data|group|http|iteration|iterations|vus|ws)(_|$)/

function figuresOf(type: string, values: Readonly<Record<string, number>>): string {
  switch (type) {
    case 'trend':
      return ['med', 'p(95)', 'p(99)', 'max'].map((name) => `${name} ${amount(values[name] ?? 0)}`).join('  ')
    case 'rate':
      return `${(100 * (values.rate ?? 0)).toFixed(2)} % of ${(values.passes ?? 0) + (values.fails ?? 0)}`
    default:
      return String(values.count ?? '')
  }
}
